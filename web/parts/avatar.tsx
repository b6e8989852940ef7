/** A face, or the first letter of a name. Decorative: the name must stand beside it. */
export function Avatar({ name, url, size = 26 }: { name: string; url?: string | null; size?: number }) {
  return (
    <span className="avatar" aria-hidden="true" style={{ width: size, height: size, fontSize: size * 0.42 }}>
      {url ? <img src={url} alt="" /> : (name.trim()[0] ?? '?').toUpperCase()}
    </span>
  );
}
