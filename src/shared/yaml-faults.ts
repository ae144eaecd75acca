import type { YAMLError } from 'yaml';

/**
 * What is wrong with a text that is no YAML, to be followed by the place. The library's own
 * messages quote the text, which may hold a secret.
 */
export const YAML_FAULTS: Readonly<Record<YAMLError['code'], string>> = {
  ALIAS_PROPS: 'An alias has an anchor or a tag of its own',
  BAD_ALIAS: 'An alias or an anchor has a name that it can not have',
  BAD_COLLECTION_TYPE: 'A tag does not fit what it stands before',
  BAD_DIRECTIVE: 'A line that begins with % is no directive of YAML',
  BAD_DQ_ESCAPE: 'A backslash between double quotes is followed by what it can not be followed by',
  BAD_INDENT: 'The indentation does not fit the lines above',
  BAD_PROP_ORDER: 'An anchor or a tag stands in the wrong place',
  BAD_SCALAR_START: 'A text begins with a character that it can begin with in quotes only',
  BLOCK_AS_IMPLICIT_KEY: 'A nested value stands where a key or a plain value is expected',
  BLOCK_IN_FLOW: 'Indented lines stand between brackets or braces',
  DUPLICATE_KEY: 'A key stands for the second time',
  IMPOSSIBLE: 'Something that can not be read stands',
  KEY_OVER_1024_CHARS: 'A key is longer than 1,024 characters',
  MISSING_CHAR:
    'A character is missing, such as a closing quote or bracket, a colon, a comma or a space,',
  MULTILINE_IMPLICIT_KEY: 'A key goes over more than one line, or its colon is missing,',
  MULTIPLE_ANCHORS: 'A value has more than one anchor',
  MULTIPLE_DOCS: 'A second document begins',
  MULTIPLE_TAGS: 'A value has more than one tag',
  NON_STRING_KEY: 'A key is no text',
  RESOURCE_EXHAUSTION: 'What is nested too deeply stands',
  TAB_AS_INDENT: 'A tab stands where YAML takes spaces only',
  TAG_RESOLVE_FAILED: 'A tag is not known, or its value does not fit it,',
  UNEXPECTED_TOKEN: 'Something unexpected stands',
};
