/** Labels of visible ASCII characters, none empty, no dot at the end. */
export const isDomain = (text: string): boolean => /^[\x21-\x2d\x2f-\x7e]+(\.[\x21-\x2d\x2f-\x7e]+)*$/.test(text);
