/* lang/lower_choose.c -- which size of the data is cut over the ranks, when nobody says.
 *
 * Where the data are known, the size that most of them have as a dimension. Where they are not (a program
 * compiled on its own), the size of most variables, and one that is called like a number of observations.
 */
#include <string.h>

#include "lang/lower_internal.h"

static bool named(const ast_expr *e, const ast_decl *d) {
  return e->kind == AST_VAR && e->decl == d;
}

static bool has_size(const ast_decl *v, const ast_decl *d) {
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

/* Numbers of data with this size among their dimensions; latent values of that size weigh little less. */
static double by_data(const ast_program *p, const ast_decl *d, const lang_cut *how) {
  double sum = 0;
  for (int i = 0; i < p->data->nstmts; i++) {
    const ast_decl *v = p->data->stmt[i]->decl;
    double elements = 1;
    if (p->data->stmt[i]->kind != AST_DECL || !has_size(v, d)) continue;
    for (int k = 0; k < v->ndims; k++) {
      int64_t n = how->extent(how->argument, v->name, k);
      if (n < 0) return -1;
      elements *= (double)n;
    }
    sum += elements;
  }
  return sum;
}

const ast_decl *mst_low_choose(lang_context *c, const ast_program *p, const lang_cut *how) {
  const ast_decl *best = NULL;
  double most = 0, form = 0;
  if (how->size && !strcmp(how->size, "none")) return NULL;
  for (int i = 0; p->data && i < p->data->nstmts; i++) {
    const ast_decl *d = p->data->stmt[i]->decl;
    if (p->data->stmt[i]->kind != AST_DECL || d->type.base != LANG_INT || d->ndims) continue;
    if (how->size && !strcmp(how->size, d->name)) return d;
    double f = by_form(p, d), w = how->extent ? by_data(p, d, how) : f;
    if (w < 0) w = 0;
    /* sizes of the same data (both of a matrix alone): by form, and the first of equals */
    if (how->size || f == 0 || (best && (w < most || (w == most && f <= form)))) continue;
    best = d;
    most = w;
    form = f;
  }
  if (how->size)
    mst_lang_fail(c, (lang_loc){0}, 1,
                  "--shard %s: no size of that name; expected an int of the data block; try --shard none "
                  "to cut nothing", how->size);
  return best;
}
