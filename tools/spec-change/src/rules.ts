/**
 * What a change in a vendor's document means for who uses the client made from it.
 *
 * One line for each kind of change. The question is always the same: would code that compiles and works today still do so
 * with the next version? `major`: not everywhere. `minor`: yes, and there is something new. `patch`: yes, and only what is
 * read or sent behind the call differs. `none`: nothing that is published differs.
 */

import type { Bump } from './bump.ts';

/** Where users notice: when they compile, when they call, in the texts their editor shows, or nowhere. */
export type Seen = 'types' | 'calls' | 'texts' | 'nowhere';

export interface Rule {
  readonly bump: Bump;
  readonly seen: Seen;
  /** What is printed: `{name}`, `{before}` and `{after}` are filled in. */
  readonly text: string;
  /** What it means for whom, and so why the bump is this one. */
  readonly because: string;
}

const rule = (bump: Bump, seen: Seen, text: string, because: string): Rule => ({ bump, seen, text, because });

export const rules = {
  // Operations
  'operation added': rule('minor', 'types', 'new operation {name}', 'one method more; all others stay'),
  'operation removed': rule('major', 'types', 'the operation {name} is gone', 'code that calls it no longer compiles'),
  'operation renamed': rule('major', 'types', 'the operation {before} is called {after} now', 'code that calls it by its old name no longer compiles'),
  'operation moved': rule('patch', 'calls', '{before} is at {after} now', 'the client calls the new address; code stays as it is'),
  'operation deprecated': rule('minor', 'texts', '{name} is deprecated', 'it works; editors strike it through'),
  'operation no longer deprecated': rule('patch', 'texts', '{name} is no longer deprecated', 'it works as before'),

  // Parameters
  'optional parameter added': rule('minor', 'types', 'new optional parameter {name}', 'calls without it stay as they are'),
  'required parameter added': rule('major', 'types', 'new parameter {name} that must be given', 'calls without it no longer compile'),
  'automatic parameter added': rule('patch', 'calls', 'new parameter {name}, which the client fills in', 'nobody has to give it'),
  'automatic parameter removed': rule('patch', 'calls', 'the parameter {name}, which the client filled in, is gone', 'nobody gave it'),
  'parameter removed': rule('major', 'types', 'the parameter {name} is gone', 'calls that give it no longer compile'),
  'parameter must be given': rule('major', 'types', 'the parameter {name} must be given now', 'calls without it no longer compile'),
  'parameter may be left out': rule('minor', 'types', 'the parameter {name} may be left out now', 'calls that give it stay as they are'),
  'parameter requirement': rule(
    'patch',
    'calls',
    'the parameter {name} is {after} for the vendor, was {before}',
    'the client sends its default; calls stay as they are',
  ),
  'parameter in': rule(
    'patch',
    'calls',
    'the parameter {name} travels in the {after}, was in the {before}',
    'the client puts it there; calls stay as they are',
  ),
  'parameter style': rule('patch', 'calls', 'the parameter {name} is written otherwise ({before} -> {after})', 'the client writes it; calls stay as they are'),
  'parameter deprecated': rule('minor', 'texts', 'the parameter {name} is deprecated', 'it works; editors strike it through'),
  'parameter no longer deprecated': rule('patch', 'texts', 'the parameter {name} is no longer deprecated', 'it works as before'),

  // Request bodies
  'optional body added': rule('minor', 'types', 'a body may be sent', 'calls without it stay as they are'),
  'required body added': rule('major', 'types', 'a body must be sent now', 'calls without it no longer compile'),
  'body removed': rule('major', 'types', 'no body is taken any more', 'calls that give one no longer compile'),
  'body must be given': rule('major', 'types', 'the body must be given now', 'calls without it no longer compile'),
  'body may be left out': rule('minor', 'types', 'the body may be left out now', 'calls that give one stay as they are'),
  'request media type added': rule('minor', 'calls', 'the body may be {name}', 'what is sent today stays possible'),
  'request media type removed': rule('major', 'calls', 'the body may no longer be {name}', 'who sends it is refused'),
  'request media type details': rule('patch', 'calls', 'parts of the body are written otherwise ({name})', 'the client writes them; calls stay as they are'),
  'media type parameters': rule('patch', 'calls', 'the media type of {name} is {after} now, was {before}', 'what it is stays; the client takes both'),

  // Answers
  'success status added': rule('major', 'types', 'new success answer {name}', 'the result of a call may be something else now'),
  'success status added, same body': rule(
    'minor',
    'types',
    'new success answer {name} with a body known from another',
    'the result of a call has the type it had',
  ),
  'error status added': rule('minor', 'types', 'new error answer {name}', 'one more can be told apart; it came as an undocumented error before'),
  'status removed': rule('major', 'types', 'the answer {name} is gone', 'code that expects it no longer compiles'),
  'answer media type added': rule('minor', 'types', 'the answer {name} is possible', 'who asks for another gets it as before'),
  'answer media type removed': rule('major', 'types', 'the answer {name} is no longer given', 'who asks for it gets something else'),
  'answer has a body now': rule('major', 'types', 'the answer {name} has a body now', 'the result has another type'),
  'answer has no body now': rule('major', 'types', 'the answer {name} has no body any more', 'the result has another type'),
  'header added': rule('minor', 'calls', 'new answer header {name}', 'one more can be read'),
  'header removed': rule('major', 'calls', 'the answer header {name} is gone', 'code that reads it finds nothing'),
  'header always there': rule('minor', 'calls', 'the answer header {name} is always there now', 'code that reads it works as before'),
  'header not always there': rule('major', 'calls', 'the answer header {name} is not always there any more', 'code that reads it may find nothing'),

  // What is sent
  'sent optional field added': rule('minor', 'types', 'new optional field {name} to send', 'calls without it stay as they are'),
  'sent required field added': rule('major', 'types', 'new field {name} that must be sent', 'calls without it no longer compile'),
  'sent field removed': rule('major', 'types', 'the field {name} can no longer be sent', 'calls that send it no longer compile'),
  'sent field required': rule('major', 'types', 'the field {name} must be sent now', 'calls without it no longer compile'),
  'sent field optional': rule('minor', 'types', 'the field {name} need not be sent now', 'calls that send it stay as they are'),
  'sent type widened': rule('minor', 'types', '{name} takes {after} now, was {before}', 'what is sent today stays right'),
  'sent type changed': rule('major', 'types', '{name} takes {after} now, was {before}', 'what is sent today may be refused'),
  'sent nullable': rule('minor', 'types', '{name} may be null now', 'what is sent today stays right'),
  'sent not nullable': rule('major', 'types', '{name} may no longer be null', 'code that sends null no longer compiles'),
  'sent enum value added': rule('minor', 'types', '{name} takes {after} now, too', 'what is sent today stays right'),
  'sent enum value removed': rule('major', 'types', '{name} no longer takes {before}', 'code that sends it no longer compiles'),
  'sent enum closed': rule('major', 'types', '{name} takes only {after} now', 'code that sends something else no longer compiles'),
  'sent enum opened': rule('minor', 'types', '{name} takes more than {before} now', 'what is sent today stays right'),
  'sent limit tightened': rule('major', 'calls', '{name} is limited more ({before} -> {after})', 'the client refuses values that it takes today'),
  'sent limit loosened': rule('minor', 'calls', '{name} is limited less ({before} -> {after})', 'what is sent today stays right'),
  'sent format': rule('patch', 'texts', '{name} has the format {after}, was {before}', 'formats are said in the texts and not enforced'),
  'sent default added': rule('minor', 'texts', '{name} is {after} when left out', 'known now; calls stay as they are'),
  'sent default changed': rule('major', 'calls', '{name} is {after} when left out, was {before}', 'code that leaves it out gets something else'),
  'sent default removed': rule('major', 'calls', '{name} has no default any more, was {before}', 'code that leaves it out gets something unknown'),
  'sent field read-only': rule('major', 'types', '{name} is set by the server only now', 'code that sends it no longer compiles'),
  'sent write-only': rule('patch', 'texts', '{name} is {after}, was {before}', 'it is sent as before'),
  'sent field not read-only': rule('minor', 'types', '{name} can be sent now', 'calls without it stay as they are'),
  'sent other members refused': rule('major', 'types', '{name} takes no members but those listed', 'code that sends others is refused'),
  'sent other members allowed': rule('minor', 'types', '{name} takes members besides those listed', 'what is sent today stays right'),
  'sent alternative added': rule('minor', 'types', '{name} takes one more form ({after})', 'what is sent today stays right'),
  'sent alternative removed': rule('major', 'types', '{name} no longer takes the form {before}', 'code that sends it no longer compiles'),
  'sent constraint': rule('major', 'calls', '{name} is constrained otherwise ({before} -> {after})', 'what is sent today may be refused'),

  // What is received
  'received field added': rule('minor', 'types', 'new field {name} in the answer', 'code that does not read it stays as it is'),
  'received field removed': rule('major', 'types', 'the field {name} is no longer in the answer', 'code that reads it no longer compiles'),
  'received field always there': rule('minor', 'types', 'the field {name} is always there now', 'code that checks for it stays right'),
  'received field not always there': rule('major', 'types', 'the field {name} is not always there any more', 'code that relies on it no longer compiles'),
  'received type narrowed': rule('minor', 'types', '{name} is {after} now, was {before}', 'code that takes what came before stays right'),
  'received type changed': rule('major', 'types', '{name} is {after} now, was {before}', 'code that reads it gets something else'),
  'received nullable': rule('major', 'types', '{name} may be null now', 'code that relies on a value no longer compiles'),
  'received not nullable': rule('minor', 'types', '{name} is never null now', 'code that checks for null stays right'),
  'received enum value added': rule('minor', 'types', '{name} may be {after} now, too', 'enums in answers are open: code must expect other values already'),
  'received enum value removed': rule('minor', 'types', '{name} is no longer {before}', 'enums in answers are open: code that tests for it compiles'),
  'received enum closed': rule('minor', 'types', '{name} is one of {after} now', 'enums in answers are open: code that reads a text stays right'),
  'received enum opened': rule(
    'minor',
    'types',
    '{name} is no longer one of {before} only',
    'enums in answers are open: code must expect other values already',
  ),
  'received limit': rule('patch', 'texts', '{name} is within other limits ({before} -> {after})', 'answers are not checked against limits'),
  'received format': rule('patch', 'texts', '{name} has the format {after}, was {before}', 'formats are said in the texts and not enforced'),
  'received default': rule('patch', 'texts', 'the default of {name} is {after}, was {before}', 'answers are read as they come'),
  'received read-only': rule('patch', 'texts', '{name} is {after}, was {before}', 'answers are read as they come'),
  'received field write-only': rule('major', 'calls', '{name} is only sent and no longer answered', 'code that reads it finds nothing'),
  'received field not write-only': rule('minor', 'calls', '{name} is answered now, too', 'code that does not read it stays as it is'),
  'received other members typed': rule('minor', 'types', '{name} {after}', 'code that takes anything stays right'),
  'received other members untyped': rule('major', 'types', '{name} {after}, it had members of one kind', 'code that reads them by name no longer compiles'),
  'received other members': rule('patch', 'types', '{name} {after}', 'members that are not listed are kept in any case'),
  'received alternative added': rule('major', 'types', '{name} may have one more form ({after})', 'code that knows all forms meets a new one'),
  'received alternative removed': rule('minor', 'types', '{name} no longer has the form {before}', 'code that knows it stays right'),
  'received constraint': rule('patch', 'texts', '{name} is constrained otherwise ({before} -> {after})', 'answers are not checked against constraints'),

  // Fields and files, both ways
  'binary changed': rule('major', 'types', '{name} is {after} now, was {before}', 'bytes and text have different types'),
  'discriminator changed': rule(
    'major',
    'calls',
    'the forms of {name} are told apart otherwise ({before} -> {after})',
    'code and client tell them apart by the old mark',
  ),
  'discriminator mark added': rule(
    'minor',
    'calls',
    '{name} has one more mark to tell its forms apart ({after})',
    'all marks of today mean what they did; a new form is listed on its own',
  ),
  'field deprecated': rule('minor', 'texts', 'the field {name} is deprecated', 'it works; editors strike it through'),
  'field no longer deprecated': rule('patch', 'texts', 'the field {name} is no longer deprecated', 'it works as before'),

  // Access and addresses
  'security alternative added': rule('minor', 'calls', 'one more way to log in: {after}', 'the ways of today stay'),
  'security alternative removed': rule('major', 'calls', 'no longer a way to log in: {before}', 'who logs in so is refused'),
  'security order': rule('patch', 'calls', 'the ways to log in are {after}, were {before}', 'the client takes the first that it has credentials for'),
  'security required': rule('major', 'calls', 'a login is needed now: {after}', 'who calls without is refused'),
  'security no longer required': rule('minor', 'calls', 'no login is needed any more', 'calls with one stay right'),
  'security scheme added': rule('none', 'nowhere', 'new security scheme {name}', 'matters where an operation uses it, which is listed on its own'),
  'security scheme removed': rule('none', 'nowhere', 'the security scheme {name} is gone', 'matters where an operation used it, which is listed on its own'),
  'security scheme changed': rule(
    'major',
    'calls',
    'the security scheme {name} is otherwise ({before} -> {after})',
    'logins of today are refused until they are adapted',
  ),
  'server added': rule('patch', 'nowhere', 'new server {name}', 'the base URL is an option of the client'),
  'server removed': rule(
    'patch',
    'nowhere',
    'the server {name} is no longer listed',
    'the base URL is an option of the client: who uses this one must give another',
  ),
  'default server changed': rule(
    'patch',
    'nowhere',
    'the first server is {after} now, was {before}',
    'the client takes its base URL as an option; who reads it from the document calls another address',
  ),
  'server changed': rule('patch', 'nowhere', 'the server {name} is described otherwise ({before} -> {after})', 'the base URL is an option of the client'),

  // Texts
  description: rule('patch', 'texts', 'the {before} of {name} is worded otherwise', 'only what editors show differs'),
  example: rule('patch', 'texts', 'the example of {name} is another', 'only what editors show differs'),
  'api texts': rule('patch', 'texts', 'the description of the API is another', 'only texts differ'),
  'api facts': rule('none', 'nowhere', '{name} of the API is {after}, was {before}', 'nothing that is published says it'),
  grouping: rule('none', 'nowhere', 'the tags of {name} are {after}, were {before}', 'nothing that is published is grouped by tags'),
  'not generated': rule('none', 'nowhere', '{name} differs, which no code is made of', 'links, callbacks and the like are left out of the client'),

  // Our own facts
  'assumption default': rule(
    'minor',
    'calls',
    'assumption {name}: {after} is taken for granted, was {before}',
    'what the vendor leaves open is decided otherwise; a switch may restore it',
  ),
  assumption: rule('patch', 'texts', 'assumption {name} differs', 'what the vendor leaves open is worded otherwise'),
  'assumption added': rule('patch', 'texts', 'new assumption {name}', 'what the vendor leaves open is said now'),
  'assumption removed': rule('patch', 'texts', 'the assumption {name} is settled', 'the vendor no longer leaves it open'),
  'fixed header': rule('patch', 'calls', 'the fixed headers of {name} are {after}, were {before}', 'the client sends them; calls stay as they are'),
  'integer accepted': rule('minor', 'types', '{name} may be given as an integer, too', 'what is sent today stays right'),
  'integer no longer accepted': rule('major', 'types', '{name} may no longer be given as an integer', 'code that gives one no longer compiles'),
  secrecy: rule('patch', 'calls', '{name} is {after}, was {before}', 'it is hidden in errors and logs, or no longer'),
  pagination: rule('patch', 'calls', 'paging of {name} differs', 'the client pages; calls stay as they are'),
  source: rule('patch', 'texts', 'the source of {name} is another', 'only what editors show differs'),
  'maintainer fact': rule('none', 'nowhere', '{name} differs', 'a note for maintainers; nothing that is published says it'),

  // Names of components, and what nobody uses
  'component renamed': rule(
    'none',
    'nowhere',
    'the component {before} is called {after} now, with an equal shape',
    'nothing on the wire differs; whether its type is exported is seen in the types',
  ),
  'component added': rule('none', 'nowhere', 'new component {name}', 'comes with what uses it, which is listed on its own'),
  'component removed': rule('none', 'nowhere', 'the component {name} is gone', 'goes with what used it, which is listed on its own'),
  'unused component added': rule(
    'none',
    'nowhere',
    'new component {name}, which no operation uses',
    'nothing on the wire differs; whether its type is exported is seen in the types',
  ),
  'unused component removed': rule(
    'none',
    'nowhere',
    'the component {name}, which no operation used, is gone',
    'nothing on the wire differs; whether its type is exported is seen in the types',
  ),
  'unused component changed': rule(
    'none',
    'nowhere',
    'the component {name}, which no operation uses, differs',
    'nothing on the wire differs; whether its type is exported is seen in the types',
  ),
} as const satisfies Record<string, Rule>;

export type RuleName = keyof typeof rules;
