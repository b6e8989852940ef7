import { useQuery } from '@tanstack/react-query';
import { useAddress } from '#web/address.ts';
import { useApp } from '#web/app.tsx';
import { counted } from '#web/format.ts';
import { Loaded } from '#web/parts/loaded.tsx';
import { Page } from '#web/parts/page.tsx';
import { Segmented } from '#web/parts/segmented.tsx';
import { SkeletonCard } from '#web/parts/skeleton.tsx';
import { voiceQuery } from './knowledge/queries.ts';
import { VoiceCheck } from './voice/check.tsx';
import { VoiceRules } from './voice/rules.tsx';
import { Traits } from './voice/traits.tsx';
import '#web/styles/forms.css';
import './knowledge/knowledge.css';
import './voice/voice.css';

const sources = [
  { value: 'posts', label: 'Your posts' },
  { value: 'pages', label: 'Your pages' },
] as const;
type Source = (typeof sources)[number]['value'];

/** How the person writes, by their own numbers; their rules; and a text held against both. */
export function VoicePage() {
  const app = useApp();
  const voice = useQuery(voiceQuery(app.id));
  const [asked, ask] = useAddress('from', '');
  const fallback: Source = voice.data?.from === 'page' ? 'pages' : 'posts';
  const source = sources.find((one) => one.value === asked)?.value ?? fallback;
  return (
    <Page title="Voice" intro="Learnt from what you wrote and let out. What a template or a model wrote is left out.">
      <div className="stack">
        <div className="row" data-split="1-1" style={{ marginTop: 0, alignItems: 'start' }}>
          <VoiceCheck appId={app.id} />
          <VoiceRules appId={app.id} />
        </div>
        <Loaded query={voice} title="The voice did not load" skeleton={<SkeletonCard height={420} />}>
          {(data) => (
            <>
              <div className="line facts-bar">
                <Segmented<Source> label="Learnt from" options={[...sources]} value={source} onChange={ask} />
                <span className="sub num">
                  {counted(data[source].texts, source === 'posts' ? 'post' : 'page')},{' '}
                  {counted(data[source].sentences, 'sentence')}
                  {data.from !== null && ` · texts are held against your ${data.from === 'post' ? 'posts' : 'pages'}`}
                </span>
              </div>
              <Traits traits={data[source].traits} />
            </>
          )}
        </Loaded>
      </div>
    </Page>
  );
}
