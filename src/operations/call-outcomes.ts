// The outcomes of a method call as protocols see them, and the copying of result bytes.

export { OutcomeKind as CallResult, writeValue } from '../objects/calls/call-result.js';
