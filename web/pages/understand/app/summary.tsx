import { useQuery } from '@tanstack/react-query';
import { ExternalLink, Pencil } from 'lucide-react';
import { useState } from 'react';
import type { App } from '#web/app.tsx';
import { categoryWords, shortUrl, stageWords } from '#web/pages/understand/knowledge/words.ts';
import { Button } from '#web/parts/button.tsx';
import { ProfileForm } from './profile.tsx';
import { appQuery } from './queries.ts';

/** Who the app is, in two lines. */
export function Summary({ app }: { app: App }) {
  const [editing, setEditing] = useState(false);
  const [broken, setBroken] = useState<string>();
  const details = useQuery({ ...appQuery(app.id), enabled: editing });
  const logo = app.logoUrl && app.logoUrl !== broken ? app.logoUrl : undefined;
  return (
    <section className="card profile" aria-label="Profile">
      <span className="profile-mark" aria-hidden="true" data-letter={!logo || undefined}>
        {logo ? <img src={logo} alt="" onError={() => setBroken(logo)} /> : app.name[0]?.toUpperCase()}
      </span>
      <div className="profile-text">
        <h2>{app.name}</h2>
        <p>{app.tagline ?? app.description ?? 'No tagline found yet. Write it yourself, or read the pages again.'}</p>
        <div className="line profile-meta">
          <a href={app.url} target="_blank" rel="noreferrer">
            {shortUrl(app.url)}
            <ExternalLink size={12} aria-hidden="true" />
          </a>
          <span className="tag">{categoryWords[app.category]}</span>
          <span className="tag">{stageWords[app.stage]}</span>
          {app.brandColours.slice(0, 4).map((colour) => (
            <span key={colour} className="profile-colour" style={{ background: colour }} title={colour} />
          ))}
        </div>
      </div>
      <Button busy={editing && details.isPending} onClick={() => setEditing(true)}>
        <Pencil size={14} aria-hidden="true" />
        Edit
      </Button>
      {editing && details.data && <ProfileForm app={details.data} onClose={() => setEditing(false)} />}
    </section>
  );
}
