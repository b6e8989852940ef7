/** What is held against "no difference", in R's words; `greater`: the second group is larger, `less`: it is smaller. */
export const alternatives = ['two.sided', 'less', 'greater'] as const;
export type Alternative = (typeof alternatives)[number];
