import { readFileSync } from 'node:fs';
import { extname } from 'node:path';
import ts from 'typescript';

/**
 * @typedef {{ file: string, line: number, kind: 'string' | 'comment' | 'markdown', text: string }} Text
 */

/**
 * Returns every text that people read in a file. In strings, `…` stands for an inserted value.
 *
 * @param {string} file path of a TypeScript, JavaScript or Markdown file
 * @returns {Text[]}
 */
export function readTexts(file, source = readFileSync(file, 'utf8')) {
  return extname(file) === '.md' ? markdownTexts(file, source) : sourceTexts(file, source);
}

function markdownTexts(file, source) {
  const blank = (match) => match.replace(/[^\n]/g, ' ');
  const prose = source
    .replace(/^```[\s\S]*?^```/gm, blank)
    .replace(/`[^`\n]*`/g, '…')
    .replace(/\]\([^)\s]*\)/g, ']');
  const texts = [];
  let paragraph = '';
  let line = 0;
  const flush = () => {
    if (paragraph !== '') texts.push({ file, line, kind: 'markdown', text: paragraph });
    paragraph = '';
  };
  for (const [index, text] of prose.split('\n').entries()) {
    const startsBlock = /^\s*(?:[-*#|>]|\d+\.)/.test(text);
    if (text.trim() === '' || startsBlock) flush();
    if (text.trim() === '') continue;
    if (paragraph === '') line = index + 1;
    paragraph = `${paragraph} ${text.trim()}`.trim();
  }
  flush();
  return texts;
}

function sourceTexts(file, source) {
  const tree = ts.createSourceFile(file, source, ts.ScriptTarget.Latest, true);
  const lineAt = (position) => tree.getLineAndCharacterOfPosition(position).line + 1;
  const texts = commentTexts(source, tree).map(({ position, text }) => ({
    file,
    line: lineAt(position),
    kind: 'comment',
    text,
  }));
  const visit = (node) => {
    const text = stringText(node);
    if (text !== undefined && isProse(text)) {
      texts.push({ file, line: lineAt(node.getStart(tree)), kind: 'string', text });
    }
    ts.forEachChild(node, visit);
  };
  visit(tree);
  return texts.sort((one, other) => one.line - other.line);
}

function stringText(node) {
  if (ts.isImportDeclaration(node.parent ?? node) || ts.isLiteralTypeNode(node.parent ?? node)) {
    return undefined;
  }
  if (ts.isStringLiteral(node) || ts.isNoSubstitutionTemplateLiteral(node)) return node.text;
  if (!ts.isTemplateExpression(node)) return undefined;
  return node.head.text + node.templateSpans.map(({ literal }) => `…${literal.text}`).join('');
}

function isProse(text) {
  return /\p{L}{2,}[,.;:]? +\p{L}*/u.test(text.trim());
}

function commentTexts(source, tree) {
  const comments = [];
  const seen = new Set();
  const visit = (node) => {
    const ranges = [
      ...(ts.getLeadingCommentRanges(source, node.getFullStart()) ?? []),
      ...(ts.getTrailingCommentRanges(source, node.getEnd()) ?? []),
    ];
    for (const { pos, end, kind } of ranges) {
      if (seen.has(pos)) continue;
      seen.add(pos);
      const raw = source.slice(pos, end);
      if (raw.startsWith('#!')) continue;
      comments.push({
        position: pos,
        end,
        line: kind === ts.SyntaxKind.SingleLineCommentTrivia,
        text: plainComment(raw),
      });
    }
    node.getChildren(tree).forEach(visit);
  };
  visit(tree);
  comments.sort((one, other) => one.position - other.position);
  const merged = [];
  for (const comment of comments) {
    const last = merged.at(-1);
    const isNextLine =
      last?.line && comment.line && source.slice(last.end, comment.position).trim() === '';
    if (isNextLine) {
      last.end = comment.end;
      last.text += ` ${comment.text}`;
    } else merged.push(comment);
  }
  return merged;
}

function plainComment(raw) {
  return raw
    .replace(/^\/\*\*?|\*\/$|^\/\//g, '')
    .replace(/^[ \t]*\* ?/gm, '')
    .replace(/`[^`]*`/g, '…')
    .replace(/\s+/g, ' ')
    .trim();
}
