/** What a request looks like on the wire. Shared by Node and k6: erasable TypeScript, and nothing but our own files imported. */
import { NO_CONTENT, type Row } from './row.ts';

/** Headers by which the gateway routes without reading the body: the request's number, its user, its content row. */
export const HEADERS = { number: 'x-coalmine-request', user: 'x-coalmine-user', content: 'x-coalmine-row' } as const;

/** Content row as it is sent: 0 where the scenario's requests have none. */
const contentOf = ({ content }: Row): number => (content === NO_CONTENT ? 0 : content);

/** An inference request of the Open Inference Protocol: the content row, and the entity whose features are fetched. */
export const bodyOf = (number: number, row: Row): string =>
  `{"id":"${number}","inputs":[{"name":"row","datatype":"INT32","shape":[1],"data":[${contentOf(row)}]},` +
  `{"name":"entity","datatype":"INT32","shape":[1],"data":[${row.key}]}]}`;

/** The request's headers as names and values in turn. */
export const headersOf = (number: number, row: Row): string[] => [
  'content-type',
  'application/json',
  HEADERS.number,
  String(number),
  HEADERS.user,
  String(row.user),
  HEADERS.content,
  String(contentOf(row)),
];
