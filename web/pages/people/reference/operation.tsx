import { ChevronRight } from 'lucide-react';
import { useState } from 'react';
import { CopyButton, CopyStatus, useCopying } from '#web/parts/copy.tsx';
import { type Call, curlOf, type Field, fieldsOf, shapeOf, typeWords } from './document.ts';

/** One operation, closed to a line; what is inside is drawn once it is opened. */
export function Operation({ call, server }: { call: Call; server: string }) {
  const [open, setOpen] = useState(false);
  return (
    <details className="operation" id={call.id} onToggle={(event) => setOpen(event.currentTarget.open)}>
      <summary>
        <ChevronRight size={14} className="operation-arrow" aria-hidden="true" />
        <span className="method" data-method={call.method}>
          {call.method}
        </span>
        <code className="operation-path">{call.path}</code>
        <span className="operation-summary">{call.summary}</span>
      </summary>
      {open && <Inside call={call} server={server} />}
    </details>
  );
}

function Inside({ call, server }: { call: Call; server: string }) {
  const fields = [...call.parameters, ...fieldsOf(call.body)];
  return (
    <div className="operation-inside">
      <p className="sub">
        Operation <code>{call.id}</code>, on the command line <code>fanfare {call.id.replace('.', ' ')}</code>
      </p>
      {fields.length > 0 ? <Fields fields={fields} /> : <p className="sub">It takes nothing.</p>}
      {call.elsewhere && <p className="sub">{call.elsewhere} So it was not run here, and this is its form.</p>}
      <Code title="Example" label={`Example of ${call.id}`}>
        {curlOf(call, server)}
      </Code>
      {call.answer && (
        <Code title="Answer" label={`Answer of ${call.id}`}>
          {JSON.stringify(call.example ? call.example.answer : shapeOf(call.answer), null, 2)}
        </Code>
      )}
    </div>
  );
}

function Fields({ fields }: { fields: Field[] }) {
  return (
    <dl className="fields">
      {fields.map((field) => (
        <div key={`${field.where} ${field.name}`}>
          <dt>
            <code>{field.name}</code>
            {field.required && <span className="sub">required</span>}
          </dt>
          <dd>
            {typeWords(field.schema)}
            <span className="sub">
              {field.schema.description ? ` ${field.schema.description}` : ''} in the {field.where}
            </span>
          </dd>
        </div>
      ))}
    </dl>
  );
}

/** Scrolls sideways by itself, so it must be reachable by keyboard. */
function Code({ title, label, children }: { title: string; label: string; children: string }) {
  const copying = useCopying(children);
  return (
    <div className="code-box">
      <h3>{title}</h3>
      <CopyButton label={`Copy: ${label}`} copying={copying} />
      <CopyStatus copying={copying} />
      {/* biome-ignore lint/a11y/noNoninteractiveTabindex: a scrolling area without focus cannot be scrolled by keyboard. */}
      <section className="code" aria-label={label} tabIndex={0}>
        <pre>{children}</pre>
      </section>
    </div>
  );
}
