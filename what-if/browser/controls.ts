/** A slider per number and a list per word, guard by guard. */
import { metricAsText } from '../../controller/policy-text.ts';
import type { Guard, Policy } from '../../controller/policy.ts';
import { decides } from '../guards.ts';
import { type Choice, type Setting, valueText } from '../settings.ts';
import { el } from './dom.ts';

export interface Controls {
  readonly choice: () => Choice;
  readonly reset: () => void;
}

/** Puts the controls into `parent` and tells of every change. */
export function controls(
  parent: HTMLElement,
  policy: Policy,
  settings: readonly Setting[],
  onChange: () => void,
): Controls {
  const places = new Map<string, number>();
  const resets: (() => void)[] = [];
  for (const guard of policy.guards.filter(decides)) {
    const own = settings.filter((setting) => setting.guard === guard.name);
    const rows = own.map((setting) => {
      const take = (place: number): void => {
        if (place === setting.own) places.delete(setting.id);
        else places.set(setting.id, place);
        onChange();
      };
      const { row, reset } =
        typeof setting.values[0] === 'string' ? list(setting, take) : slider(policy, setting, take);
      resets.push(reset);
      return row;
    });
    parent.append(fieldset(guard, rows));
  }
  return {
    choice: () => Object.fromEntries(places),
    reset: () => {
      places.clear();
      for (const reset of resets) reset();
      onChange();
    },
  };
}

function fieldset(guard: Guard, rows: readonly HTMLElement[]): HTMLElement {
  const where = guard.stages === null ? 'in every stage' : `in ${guard.stages.join(', ')}`;
  const about = `${metricAsText(guard.metric)}, ${where}`;
  return el('fieldset', {}, el('legend', {}, guard.name), el('p', { class: 'note' }, about), ...rows);
}

interface Control {
  readonly row: HTMLElement;
  readonly reset: () => void;
}

function slider(policy: Policy, setting: Setting, take: (place: number) => void): Control {
  const { id, label, values, own } = setting;
  const ownText = valueText(policy, setting, own);
  const output = el('output', { for: id });
  const input = el('input', { type: 'range', id, min: 0, max: values.length - 1, step: 1, value: own });
  const row = el('div', { class: 'control' }, el('label', { for: id }, label), input, output);
  const show = (): void => {
    const text = valueText(policy, setting, input.valueAsNumber);
    const isOwn = input.valueAsNumber === own;
    input.setAttribute('aria-valuetext', text);
    output.textContent = isOwn ? text : `${text} (was ${ownText})`;
    row.classList.toggle('changed', !isOwn);
  };
  input.addEventListener('input', () => {
    show();
    take(input.valueAsNumber);
  });
  show();
  return {
    row,
    reset: () => {
      input.value = String(own);
      show();
    },
  };
}

function list({ id, label, values, own }: Setting, take: (place: number) => void): Control {
  const options = values.map((value, i) => el('option', { value: i, selected: i === own }, String(value)));
  const select = el('select', { id }, ...options);
  const row = el('div', { class: 'control' }, el('label', { for: id }, label), select);
  const show = (): void => {
    row.classList.toggle('changed', Number(select.value) !== own);
  };
  select.addEventListener('change', () => {
    show();
    take(Number(select.value));
  });
  return {
    row,
    reset: () => {
      select.value = String(own);
      show();
    },
  };
}
