// What members of a table charge, in addition to entering the table. Their use: table-view.ts.

export const ViewCost = {
  /** Of a copy that can be stored, per field. */
  copiedFieldSteps: 10,
  copiedFieldBytes: 60,
  /** A walk's steps per field; and its bytes per key, and per pair of key and value. */
  fieldSteps: 4,
  keyBytes: 32,
  pairBytes: 40,
  /** Steps of a walk where each field is looked up by the key before it. */
  nextSteps: 8,
  /** Steps of finding the length of a list. */
  lengthSteps: 24,
  /** Longer texts are charged before they are encoded. */
  longText: 1024,
  /** Bytes per byte of JSON: every third byte may begin a small list. */
  parsedBytes: 16,
} as const;
