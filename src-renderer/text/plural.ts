const rules = new Intl.PluralRules('en');

/** `1 change`, `3 changes`. `forms.other` is the plural. */
export function count(number: number, one: string, other: string): string {
  return `${number.toLocaleString('en')} ${rules.select(number) === 'one' ? one : other}`;
}

const time = new Intl.DateTimeFormat('en-GB', { hour: '2-digit', minute: '2-digit' });
const day = new Intl.DateTimeFormat('en-GB', { day: 'numeric', month: 'long', year: 'numeric' });

/** `09:12` today, `3 May 2026, 09:12` otherwise. */
export function moment(iso: string, now = new Date()): string {
  const date = new Date(iso);
  return date.toDateString() === now.toDateString() ? time.format(date) : `${day.format(date)}, ${time.format(date)}`;
}

/** `3 May 2026`. */
export const date = (iso: string): string => day.format(new Date(iso));
