import {
  AliasNode,
  AndNode,
  BinaryOperationNode,
  ColumnNode,
  type DeleteQueryNode,
  IdentifierNode,
  type JoinNode,
  type KyselyPlugin,
  OnNode,
  type OperationNode,
  OperationNodeTransformer,
  OperatorNode,
  ParensNode,
  type RawNode,
  ReferenceNode,
  type SelectQueryNode,
  TableNode,
  type UpdateQueryNode,
  ValueNode,
  WhereNode,
  type WithNode,
} from 'kysely';

/**
 * Says the workspace in every statement that is put together by the query builder, for each tenant table in it. The
 * policy says it as well; but on several servers it is only asked where the rows are, so a statement that leaves it to the
 * policy goes to all of them, and one that locks rows is refused. Not for one server: there it would only be said twice.
 */
export function bindWorkspace(workspaceId: string, tenants: ReadonlySet<string>): KyselyPlugin {
  const binder = new Binder(workspaceId, tenants);
  return {
    transformQuery: ({ node, queryId }) => binder.transformNode(node, queryId),
    transformResult: ({ result }) => Promise.resolve(result),
  };
}

class Binder extends OperationNodeTransformer {
  readonly #workspaceId: string;
  readonly #tenants: ReadonlySet<string>;

  constructor(workspaceId: string, tenants: ReadonlySet<string>) {
    super();
    this.#workspaceId = workspaceId;
    this.#tenants = tenants;
  }

  protected override transformSelectQuery(node: SelectQueryNode, ...more: Rest): SelectQueryNode {
    const inner = super.transformSelectQuery(node, ...more);
    return this.#bound(inner, inner.from?.froms ?? []);
  }

  protected override transformUpdateQuery(node: UpdateQueryNode, ...more: Rest): UpdateQueryNode {
    const inner = super.transformUpdateQuery(node, ...more);
    return this.#bound(inner, [...(inner.table ? [inner.table] : []), ...(inner.from?.froms ?? [])]);
  }

  protected override transformDeleteQuery(node: DeleteQueryNode, ...more: Rest): DeleteQueryNode {
    const inner = super.transformDeleteQuery(node, ...more);
    return this.#bound(inner, [...inner.from.froms, ...(inner.using?.tables ?? [])]);
  }

  /** What is written in words of SQL: there a table stands as its rows of this workspace. */
  protected override transformRaw(node: RawNode, ...more: Rest): RawNode {
    const inner = super.transformRaw(node, ...more);
    const whole = inner.sqlFragments.join(' ');
    const sqlFragments = inner.sqlFragments.map((text) => this.#inWords(text, whole));
    return { ...inner, sqlFragments };
  }

  #inWords(text: string, whole: string): string {
    return text.replace(SOURCE, (found, word: string, table: string, at: number) => {
      const isDeleted = /\bdelete\s+$/i.test(text.slice(0, at));
      const isNameOfWith = new RegExp(`\\b${table}\\s+as\\s+(not\\s+)?(materialized\\s+)?\\(`, 'i').test(whole);
      if (isDeleted || isNameOfWith || !this.#tenants.has(camelCase(table))) return found;
      const next = ALIAS.exec(text.slice(at + found.length))?.[1]?.toLowerCase();
      const isAliased = next !== undefined && !NO_ALIAS.has(next);
      return `${word} (select * from ${table} where workspace_id = '${this.#workspaceId}')${isAliased ? '' : ` ${table}`}`;
    });
  }

  /** In the join's own condition: in the statement's it would lose the rows of an outer join that found nothing. */
  protected override transformJoin(node: JoinNode, ...more: Rest): JoinNode {
    const inner = super.transformJoin(node, ...more);
    const condition = this.#conditionFor(inner.table);
    if (!condition || !inner.on) return inner;
    return { ...inner, on: OnNode.create(both(inner.on.on, condition)) };
  }

  #bound<N extends { where?: WhereNode }>(node: N, tables: readonly OperationNode[]): N {
    const [first, ...others] = tables.map((table) => this.#conditionFor(table)).filter((one) => one !== null);
    if (!first) return node;
    const conditions = others.reduce(AndNode.create, first);
    return { ...node, where: WhereNode.create(node.where ? both(node.where.where, conditions) : conditions) };
  }

  /** Null for what is no tenant table: shared ones, subqueries, names of a `with`. */
  #conditionFor(from: OperationNode): OperationNode | null {
    const [table, alias] = AliasNode.is(from) ? [from.node, from.alias] : [from, null];
    if (!TableNode.is(table)) return null;
    const own = table.table.identifier.name;
    if (!this.#tenants.has(own) || this.#isNameOfWith(own)) return null;
    const name = alias && IdentifierNode.is(alias) ? alias.name : own;
    return BinaryOperationNode.create(
      ReferenceNode.create(ColumnNode.create('workspaceId'), TableNode.create(name)),
      OperatorNode.create('='),
      ValueNode.create(this.#workspaceId),
    );
  }

  #isNameOfWith(table: string): boolean {
    return this.nodeStack.some((node) =>
      (node as { with?: WithNode }).with?.expressions.some(({ name }) => name.table.table.identifier.name === table),
    );
  }
}

type Rest = Parameters<OperationNodeTransformer['transformNode']> extends [unknown, ...infer R] ? R : never;

/** A table that is read, by its name as it is written in SQL. */
const SOURCE = /\b(from|join)\s+"?([a-z][a-z_]*)"?(?![\w.(])/gi;
const ALIAS = /^\s+(?:as\s+)?"?([a-z_]\w*)/i;
/** What may follow a table's name and is not another name for it. */
const NO_ALIAS = new Set(
  'where join on group order left inner cross right full natural limit offset fetch for union except intersect having window using set returning tablesample'.split(
    ' ',
  ),
);

/** A column's or table's name as the query builder calls it. */
export function camelCase(table: string): string {
  return table.toLowerCase().replace(/_([a-z])/g, (_, letter: string) => letter.toUpperCase());
}

/** What stands there may be an `or` in words of SQL, of which the builder does not know. */
function both(before: OperationNode, condition: OperationNode): OperationNode {
  return AndNode.create(ParensNode.create(before), condition);
}
