/* lang/check/check_scope.c -- the names in scope: lookup, push and pop; what an unknown name may
 * have meant. */
#include <string.h>

#include "base/error.h"
#include "base/nearest.h"
#include "lang/check/check_impl.h"

const char *mst_check_block_name(ast_block_kind block) {
  static const char *const name[] = {
      [AST_IN_FUNCTION] = "a function",
      [AST_IN_DATA] = "data",
      [AST_IN_TDATA] = "transformed data",
      [AST_IN_PARAMETERS] = "parameters",
      [AST_IN_TPARAMETERS] = "transformed parameters",
      [AST_IN_MODEL] = "the model block",
      [AST_IN_GENERATED] = "generated quantities",
  };
  return name[block];
}

static uint32_t hash(const char *name) {
  uint32_t h = 2166136261u;
  for (; *name; name++) h = (h ^ (unsigned char)*name) * 16777619u;
  return h;
}

const check_name *mst_check_lookup(const check_state *k, const char *name) {
  const uint32_t h = hash(name);
  for (int i = k->nnames; i-- > 0;)
    if (k->name[i].hash == h && strcmp(k->name[i].decl->name, name) == 0) return &k->name[i];
  return NULL;
}

void mst_check_push(check_state *k, ast_decl *d, bool readonly) {
  int width = (int)strlen(d->name);
  if (mst_check_suffix(d->name, "_lupdf") || mst_check_suffix(d->name, "_lupmf"))
    mst_lang_fail(k->c, d->loc, width,
                  "'%s' cannot be the name of a variable: names that end in "
                  "_lupdf and _lupmf belong to densities",
                  d->name);
  const check_name *other = mst_check_lookup(k, d->name);
  if (other != NULL)
    mst_lang_fail(k->c, d->loc, width,
                  "'%s' is declared already, in line %d; Stan has no shadowing: try another name",
                  d->name, other->decl->loc.line);
  check_name one = {.decl = d, .readonly = readonly, .hash = hash(d->name)};
  MST_LANG_PUSH(k->c, k->name, k->nnames, one);
}

void mst_check_pop(check_state *k, int mark) {
  while (k->nnames > mark) {
    const check_name *one = &k->name[--k->nnames];
    if (!one->readonly && !k->prelude) mst_warn_name(k, one->decl);
  }
}

/* The declaration of a name among the statements of a block, whether in scope or not. */
static const ast_decl *declared_in(const ast_stmt *block, const char *name) {
  for (int i = 0; block != NULL && i < block->nstmts; i++) {
    const ast_stmt *s = block->stmt[i];
    if (s->kind == AST_DECL && strcmp(s->decl->name, name) == 0) return s->decl;
  }
  return NULL;
}

static const ast_decl *declared_anywhere(const check_state *k, const char *name) {
  const ast_program *p = k->program;
  if (p == NULL) return NULL;
  const ast_stmt *block[] = {p->data,        p->tdata, p->parameters,
                             p->tparameters, p->model, p->generated};
  const ast_decl *found = NULL;
  for (size_t i = 0; i < sizeof block / sizeof *block && found == NULL; i++)
    found = declared_in(block[i], name);
  return found;
}

_Noreturn void mst_check_unknown(check_state *k, const ast_expr *e) {
  const ast_decl *d = declared_anywhere(k, e->name);
  if (d != NULL && k->in != NULL)
    CHECK_FAIL(k, e,
               "functions see their arguments only; '%s' is declared in %s; try to pass it "
               "as an argument",
               e->name, mst_check_block_name(d->block));
  if (d != NULL &&
      (d->loc.line > e->loc.line || (d->loc.line == e->loc.line && d->loc.column > e->loc.column)))
    CHECK_FAIL(k, e, "'%s' is used before it is declared, in line %d", e->name, d->loc.line);
  if (d != NULL && d->block == AST_IN_MODEL && k->block != AST_IN_MODEL)
    CHECK_FAIL(k, e,
               "'%s' is local to the model block; try to declare it in transformed "
               "parameters",
               e->name);
  if (d != NULL) CHECK_FAIL(k, e, "'%s' is used in its own declaration", e->name);
  const char **name = MST_LANG_ARRAY(k->c, const char *, k->nnames + 1);
  for (int i = 0; i < k->nnames; i++) name[i] = k->name[i].decl->name;
  const char *near = mst_nearest(e->name, name);
  CHECK_FAIL(k, e, "unknown variable '%s'%s%s%s", e->name, near != NULL ? "; did you mean '" : "",
             near != NULL ? near : "", near != NULL ? "'?" : "");
}
