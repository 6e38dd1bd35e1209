/* lang/lower/lower_choose.c -- which size of the data is cut over the ranks, when nobody says.
 *
 * Where the data are known, the size that most of them have as a dimension. Where they are not
 * (a program compiled on its own), the size of most variables, and one that is called like a
 * number of observations.
 */
#include <string.h>

#include "lang/lower/lower_impl.h"

static bool named(const ast_expr *e, const ast_decl *d) {
  return e->kind == AST_VAR && e->decl == d;
}

static bool has_size(const ast_decl *v, const ast_decl *d) {
  for (int i = 0; v->part && i < v->type.nelements; i++)
    if (has_size(v->part[i], d)) return true;
  for (int k = 0; k < v->ndims; k++)
    if (named(v->dims[k], d)) return true;
  return false;
}

static int uses(const ast_stmt *block, const ast_decl *d) {
  int sum = 0;
  for (int i = 0; block && i < block->nstmts; i++)
    if (block->stmt[i]->kind == AST_DECL && has_size(block->stmt[i]->decl, d)) sum++;
  return sum;
}

static double by_form(const ast_program *p, const ast_decl *d) {
  int w = 4 * uses(p->data, d);
  if (w == 0) return 0;
  w += 2 * uses(p->parameters, d);
  if (d->name[0] == 'N' || d->name[0] == 'n') w += d->name[1] ? 1 : 4;
  return w;
}

/* Numbers of a variable, if it has this size, or of the components of a tuple that have; -1: not
 * known. */
static double elements_of(const mst_lang_options *o, const ast_decl *v, const ast_decl *d) {
  double elements = v->part ? 0 : 1;
  if (!has_size(v, d)) return 0;
  for (int i = 0; v->part && i < v->type.nelements; i++) {
    const double own = elements_of(o, v->part[i], d);
    if (own < 0) return -1;
    elements += own;
  }
  for (int k = 0; !v->part && k < v->ndims; k++) {
    const int64_t n = o->extent(o->argument, v->name, k);
    if (n < 0) return -1;
    elements *= (double)n;
  }
  return elements;
}

/* Numbers of data with this size among their dimensions; latent values of that size weigh little
 * less. */
static double by_data(const lower_state *l, const ast_decl *d) {
  const ast_program *p = l->ast;
  const mst_lang_options *o = l->options;
  double sum = 0;
  for (int i = 0; i < p->data->nstmts; i++) {
    if (p->data->stmt[i]->kind != AST_DECL) continue;
    const double elements = elements_of(o, p->data->stmt[i]->decl, d);
    if (elements < 0) return -1;
    sum += elements;
  }
  return sum;
}

/* The extent of a dimension of v, or of a component, that is d; -1: there is none. */
static int64_t extent_of(const mst_lang_options *o, const ast_decl *v, const ast_decl *d) {
  for (int i = 0; v->part && i < v->type.nelements; i++) {
    const int64_t n = extent_of(o, v->part[i], d);
    if (n >= 0) return n;
  }
  for (int k = 0; !v->part && k < v->ndims; k++)
    if (named(v->dims[k], d)) return o->extent(o->argument, v->name, k);
  return -1;
}

int64_t mst_lower_size_value(const lower_state *l, const ast_decl *d) {
  const ast_program *p = l->ast;
  const mst_lang_options *o = l->options;
  int64_t given;
  if (o->value && o->value(o->argument, d->name, &given)) return given;
  for (int i = 0; o->extent && i < p->data->nstmts; i++) {
    if (p->data->stmt[i]->kind != AST_DECL || !has_size(p->data->stmt[i]->decl, d)) continue;
    return extent_of(o, p->data->stmt[i]->decl, d);
  }
  return -1;
}

static bool is_size(const ast_stmt *s) {
  return s->kind == AST_DECL && s->decl->type.base == LANG_INT && s->decl->ndims == 0;
}

/* Whether `list`, names with commas, has the name: 1 + its place, or 0. */
static int place_in(const char *list, const char *name) {
  size_t n = strlen(name);
  for (int place = 1; list; place++) {
    if (!strncmp(list, name, n) && (list[n] == ',' || list[n] == '\0')) return place;
    list = strchr(list, ',');
    if (list) list++;
  }
  return 0;
}

static const ast_decl *given(lang_context *c, const ast_program *p, const char *list) {
  const ast_decl *first = NULL;
  int found = 0, wanted = 1;
  if (!strcmp(list, "none")) return NULL;
  for (const char *s = list; *s; s++) wanted += *s == ',';
  for (int i = 0; p->data && i < p->data->nstmts; i++) {
    const ast_stmt *s = p->data->stmt[i];
    if (!is_size(s) || !place_in(list, s->decl->name)) continue;
    if (!first) first = s->decl;
    found++;
  }
  if (found < wanted)
    mst_lang_fail(c, (lang_loc){0}, 1,
                  "--shard %s: no size of that name; expected an int of the data block, or several "
                  "that are equal, with "
                  "commas; try --shard none to cut nothing",
                  list);
  return first;
}

typedef struct candidate {
  const ast_decl *d;
  double weight, form;
} candidate;

/* The best of those that are worse than `than` (NULL: of all). */
static candidate next_best(const lower_state *l, const candidate *than) {
  const ast_program *p = l->ast;
  candidate best = {0};
  bool passed = false;
  for (int i = 0; p->data && i < p->data->nstmts; i++) {
    candidate k = {.d = p->data->stmt[i]->decl};
    if (!is_size(p->data->stmt[i]) || (k.form = by_form(p, k.d)) <= 0) continue;
    k.weight = l->options->extent ? by_data(l, k.d) : k.form;
    if (k.weight < 0) k.weight = 0;
    if (than && k.d == than->d) {
      passed = true;
      continue;
    }
    /* sizes of the same data (both of a matrix alone): by form, and the first of equals */
    bool equal = than && k.weight == than->weight && k.form == than->form;
    if (than &&
        (equal ? !passed
               : k.weight > than->weight || (k.weight == than->weight && k.form > than->form)))
      continue;
    if (best.d && (k.weight < best.weight || (k.weight == best.weight && k.form <= best.form)))
      continue;
    best = k;
  }
  return best;
}

/* A size that the best one cannot stand in for is worth a try when it counts about as many. */
static bool is_worth_it(const lower_state *l, const ast_decl *best, const ast_decl *d) {
  int64_t most = mst_lower_size_value(l, best), n = mst_lower_size_value(l, d);
  if (most >= 0 && n >= 0) return 2 * n >= most;
  return d->name[0] == 'N' || d->name[0] == 'n';
}

const ast_decl *mst_lower_choose(lower_state *l) {
  const ast_program *p = l->ast;
  if (l->attempt->none) return NULL;
  if (l->options->size) return given(l->c, p, l->options->size);
  candidate best = next_best(l, NULL), k = best;
  for (int i = 0; i < l->attempt->choice && k.d; i++) do
      k = next_best(l, &k);
    while (k.d && !is_worth_it(l, best.d, k.d));
  if (!k.d) return NULL;
  for (int i = 0; i < p->data->nstmts; i++) /* the first of those that are the same */
    if (p->data->stmt[i]->decl == k.d || mst_lower_same_size(l, k.d, p->data->stmt[i]->decl))
      return p->data->stmt[i]->decl;
  return k.d;
}

/* Programs with several outcomes have a number of observations for each. A size of parameters is
 * none: groups may be as many as observations. */
bool mst_lower_same_size(const lower_state *l, const ast_decl *cut, const ast_decl *d) {
  enum { NO_COINCIDENCE = 32 };
  if (d == cut || d->type.base != LANG_INT || d->ndims || l->attempt->alone) return false;
  if (l->attempt->none) return false;
  if (l->options->size) return place_in(l->options->size, d->name) > 0;
  if (uses(l->ast->parameters, d) || uses(l->ast->parameters, cut)) return false;
  const int64_t n = mst_lower_size_value(l, d);
  return n >= NO_COINCIDENCE && n == mst_lower_size_value(l, cut);
}
