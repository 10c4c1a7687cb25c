export const findingText = {
  level: { error: 'Error', warning: 'Warning', info: 'Note' },
};
