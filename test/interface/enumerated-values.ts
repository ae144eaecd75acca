import { readdirSync } from 'node:fs';
import { dirname, join, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import ts from 'typescript';

const ANCHORS = fileURLToPath(new URL('values.ts', import.meta.url));
const SOURCES = fileURLToPath(new URL('../../src', import.meta.url));

export function enumeratedValues(): Record<string, string[]> {
  const reader = new Reader();
  return Object.fromEntries(reader.fields().map(({ name, node }) => [name, reader.values(node)]));
}

class Reader {
  readonly #checker: ts.TypeChecker;
  readonly #anchors: ts.SourceFile;
  readonly #sources: readonly ts.SourceFile[];

  constructor() {
    const program = readProgram();
    this.#checker = program.getTypeChecker();
    const anchors = program.getSourceFile(ANCHORS);
    if (anchors === undefined) throw new Error(`${ANCHORS} cannot be read`);
    this.#anchors = anchors;
    this.#sources = program.getSourceFiles().filter(({ fileName }) => fileName.startsWith(SOURCES));
  }

  fields(): { name: string; node: ts.TypeNode }[] {
    const found = this.#anchors.statements
      .filter(ts.isInterfaceDeclaration)
      .filter(({ name }) => name.text === 'EnumeratedValues');
    return found.flatMap(({ members }) =>
      members.filter(ts.isPropertySignature).map(({ name, type }) => {
        if (type === undefined || !ts.isStringLiteral(name))
          throw new Error('a field in values.ts has no type');
        return { name: name.text, node: type };
      }),
    );
  }

  values(node: ts.TypeNode): string[] {
    const values = [...new Set(this.#valuesOf(node))].sort();
    if (values.length > 0) return values;
    throw new Error(`${node.getText()} in ${ANCHORS} has no values; was it moved?`);
  }

  #valuesOf(node: ts.TypeNode): string[] {
    if (ts.isUnionTypeNode(node)) return node.types.flatMap((part) => this.#valuesOf(part));
    if (ts.isTypeReferenceNode(node)) {
      const [first, second] = node.typeArguments ?? [];
      const kind = node.typeName.getText();
      if (first !== undefined && second !== undefined) {
        if (kind === 'Produced') return this.#produced(first, textOf(second));
        if (kind === 'Written') return this.#written(textOf(first), textOf(second));
      }
    }
    const values = literalsOf(this.#checker.getTypeFromTypeNode(node));
    if (values !== null) return values;
    throw new Error(`${node.getText()} in ${ANCHORS} is not a union of literals`);
  }

  #produced(owner: ts.TypeNode, key: string): string[] {
    const type = this.#checker.getTypeFromTypeNode(owner);
    const [declaration] = type.getProperty(key)?.declarations ?? [];
    if (declaration === undefined) throw new Error(`${owner.getText()} has no property ${key}`);
    return this.#assignments(key, this.#sources)
      .filter(({ object }) => {
        const [expected] =
          this.#checker.getContextualType(object)?.getProperty(key)?.declarations ?? [];
        const isDeclared = expected !== undefined && ts.isPropertySignature(expected);
        if (isDeclared) return expected === declaration;
        return names(object.getSourceFile(), owner.getText()) && this.#fits(object, type);
      })
      .flatMap(({ value }) => this.#resolve(value));
  }

  #fits(object: ts.ObjectLiteralExpression, type: ts.Type): boolean {
    return this.#checker
      .getTypeAtLocation(object)
      .getProperties()
      .every((property) => {
        const wanted = type.getProperty(property.name);
        if (wanted === undefined) return false;
        const [own, other] = [property, wanted].map((one) => this.#checker.getTypeOfSymbol(one));
        return own !== undefined && other !== undefined
          ? this.#checker.isTypeAssignableTo(own, other)
          : false;
      });
  }

  #written(file: string, key: string): string[] {
    const sources = this.#sources.filter(({ fileName }) => fileName.endsWith(`/${file}`));
    const values = this.#assignments(key, sources).map(({ value }) => value);
    return values.filter((value) => this.#isText(value)).flatMap((value) => this.#resolve(value));
  }

  #isText(value: ts.Expression): boolean {
    const type = this.#checker.getTypeAtLocation(value);
    return this.#checker.isTypeAssignableTo(type, this.#checker.getStringType());
  }

  #assignments(key: string, sources: readonly ts.SourceFile[]) {
    const found: { object: ts.ObjectLiteralExpression; value: ts.Expression }[] = [];
    const visit = (node: ts.Node): void => {
      if (ts.isObjectLiteralExpression(node)) {
        for (const one of node.properties) {
          if (one.name?.getText() !== key) continue;
          if (ts.isPropertyAssignment(one)) found.push({ object: node, value: one.initializer });
          if (ts.isShorthandPropertyAssignment(one)) found.push({ object: node, value: one.name });
        }
      }
      ts.forEachChild(node, visit);
    };
    for (const source of sources) if (source.text.includes(key)) visit(source);
    return found;
  }

  /** Returns the strings that an expression can evaluate to; `*` if that cannot be determined. */
  #resolve(value: ts.Expression, seen: readonly ts.Node[] = []): string[] {
    const literals = literalsOf(this.#checker.getTypeAtLocation(value));
    if (literals !== null) return literals;
    if (ts.isTemplateExpression(value)) {
      return value.templateSpans.reduce(
        (starts, { expression, literal }) =>
          starts.flatMap((start) =>
            this.#resolve(expression, seen).map((middle) => start + middle + literal.text),
          ),
        [value.head.text],
      );
    }
    if (!ts.isIdentifier(value)) return ['*'];
    const shorthand = ts.isShorthandPropertyAssignment(value.parent);
    const symbol = shorthand
      ? this.#checker.getShorthandAssignmentValueSymbol(value.parent)
      : this.#checker.getSymbolAtLocation(value);
    const declaration = symbol?.valueDeclaration;
    const declared = symbol && literalsOf(this.#checker.getTypeOfSymbol(symbol));
    if (declared) return declared;
    if (declaration === undefined || seen.includes(declaration)) return [];
    if (ts.isParameter(declaration)) return this.#arguments(declaration, [...seen, declaration]);
    const isConstant = ts.isVariableDeclaration(declaration) && declaration.initializer;
    return isConstant ? this.#resolve(isConstant, [...seen, declaration]) : ['*'];
  }

  #arguments(parameter: ts.ParameterDeclaration, seen: readonly ts.Node[]): string[] {
    const { parent: called } = parameter;
    const position = called.parameters.indexOf(parameter);
    const name = called.name?.getText();
    const found: ts.Expression[] = [];
    const visit = (node: ts.Node): void => {
      if (ts.isCallExpression(node) && ts.isIdentifier(node.expression)) {
        const argument = node.expression.text === name ? node.arguments[position] : undefined;
        if (argument !== undefined && this.#declarationOf(node.expression) === called) {
          found.push(argument);
        }
      }
      ts.forEachChild(node, visit);
    };
    const callers =
      name === undefined ? [] : this.#sources.filter(({ text }) => text.includes(name));
    for (const source of callers) visit(source);
    return found.length === 0 ? ['*'] : found.flatMap((one) => this.#resolve(one, seen));
  }

  #declarationOf(callee: ts.Expression): ts.Declaration | undefined {
    const symbol = this.#checker.getSymbolAtLocation(callee);
    const isImported = symbol !== undefined && (symbol.flags & ts.SymbolFlags.Alias) !== 0;
    return (isImported ? this.#checker.getAliasedSymbol(symbol) : symbol)?.valueDeclaration;
  }
}

function names({ text }: ts.SourceFile, type: string): boolean {
  return new RegExp(`\\b${type}\\b`).test(text);
}

function textOf(node: ts.TypeNode): string {
  return node.getText().replace(/^'|'$/g, '');
}

function literalsOf(type: ts.Type): string[] | null {
  const parts = type.isUnion() ? type.types : [type];
  const values: string[] = [];
  for (const part of parts) {
    if (part.isStringLiteral()) values.push(part.value);
    else if (part.flags & ts.TypeFlags.Null) values.push('null');
    else if (part.flags & ts.TypeFlags.BooleanLiteral) values.push('a boolean');
    else return null;
  }
  return values;
}

/** Reads the sources without the packages they import, which is sufficient and much faster. */
function readProgram(): ts.Program {
  const names = readdirSync(SOURCES, { recursive: true, encoding: 'utf8' });
  const files = names.map((name) => join(SOURCES, name)).filter(isRead);
  const options: ts.CompilerOptions = {
    target: ts.ScriptTarget.ES2022,
    module: ts.ModuleKind.ESNext,
    moduleResolution: ts.ModuleResolutionKind.Bundler,
    lib: ['lib.es2022.d.ts'],
    types: [],
    strict: true,
    noEmit: true,
    allowImportingTsExtensions: true,
  };
  const host = ts.createCompilerHost(options);
  host.resolveModuleNameLiterals = (literals, containing) =>
    literals.map(({ text }) => {
      const resolvedFileName = resolve(dirname(containing), text);
      const isSource = text.startsWith('.') && isRead(resolvedFileName);
      return { resolvedModule: isSource ? { resolvedFileName, extension: '.ts' } : undefined };
    });
  return ts.createProgram([ANCHORS, ...files], options, host);
}

/**
 * Whether a file is read. The sandbox is not, because its values are Meta's and do not appear in
 * results.
 */
function isRead(path: string): boolean {
  return path.endsWith('.ts') && !path.startsWith(join(SOURCES, 'sandbox'));
}
