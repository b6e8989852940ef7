/** Shortest password the server takes. */
export const shortest = 10;
