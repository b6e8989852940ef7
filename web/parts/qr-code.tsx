import { useQuery } from '@tanstack/react-query';
import './qr-code.css';

/** A QR code, dark on white in either scheme: cameras expect it so, with a margin of four modules. */
export function QrCode({ text, label }: { text: string; label: string }) {
  const { data } = useQuery({
    queryKey: ['qr-code', text],
    queryFn: async () => {
      const { create } = await import('qrcode');
      const { modules } = create(text, { errorCorrectionLevel: 'M' });
      const dark = Array.from({ length: modules.size * modules.size }, (_, at) => at).filter((at) => modules.data[at]);
      const path = dark
        .map((at) => `M${(at % modules.size) + 4} ${Math.floor(at / modules.size) + 4}h1v1h-1z`)
        .join('');
      return { size: modules.size + 8, path };
    },
    staleTime: Number.POSITIVE_INFINITY,
    // It holds a secret: gone with the picture.
    gcTime: 0,
  });
  return (
    <div className="qr-code">
      {data && (
        <svg viewBox={`0 0 ${data.size} ${data.size}`} role="img" aria-label={label} shapeRendering="crispEdges">
          <path d={data.path} fill="#000" />
        </svg>
      )}
    </div>
  );
}
