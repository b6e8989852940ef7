/** The parts of twitter-text 3.1 that tests and the fake X server use; the package ships no types. */
declare module 'twitter-text' {
  type Indices = [number, number];
  const twitter: {
    parseTweet(text: string): { weightedLength: number; valid: boolean; validRangeEnd: number };
    extractUrlsWithIndices(text: string): { url: string; indices: Indices }[];
    extractHashtagsWithIndices(text: string): { hashtag: string; indices: Indices }[];
    extractMentionsWithIndices(text: string): { screenName: string; indices: Indices }[];
    extractCashtagsWithIndices(text: string): { cashtag: string; indices: Indices }[];
  };
  export default twitter;
}
