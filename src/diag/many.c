/* diag/many.c -- several draws files as one: mst_reader_open_all. See reader.h. */
#include <string.h>

#include "base/mem.h"
#include "diag/reader.h"

/* Which variable of b is not that of a; -1: all are alike. */
static int first_unlike(const mst_reader *a, const mst_reader *b) {
  for (int i = 0; i < a->variables && i < b->variables; i++) {
    const mst_draws_variable *v = &a->variable[i], *w = &b->variable[i];
    bool like = !strcmp(v->name, w->name) && v->moments == w->moments && v->ndims == w->ndims;
    for (int k = 0; like && k < v->ndims; k++) like = v->axis[k].size == w->axis[k].size;
    if (!like) return i;
  }
  return a->variables == b->variables  ? -1
         : a->variables < b->variables ? a->variables
                                       : b->variables;
}

static masting_status check_alike(const mst_reader *a, const mst_reader *b, mst_error *err) {
  int at = first_unlike(a, b);
  if (at < 0) return MASTING_OK;
  return mst_fail(err, MASTING_ERR_USAGE,
                  "%s: its draws are not of the same variables as those of %s; expected %s, got %s "
                  "of other name or shape; try one file at a time",
                  b->path, a->path, at < a->variables ? a->variable[at].name : "no more",
                  at < b->variables ? b->variable[at].name : "no more");
}

/* Chains that a seed made twice would hide that they do not mix. */
static masting_status check_distinct(const mst_reader *a, const mst_reader *b, mst_error *err) {
  const int64_t n = a->own_chains * a->draws, m = b->own_chains * b->draws;
  double *x = NULL, *y = NULL;
  if (!mst_alloc((void **)&x, (size_t)n, sizeof *x, "summary: lp", err) &&
      !mst_alloc((void **)&y, (size_t)m, sizeof *y, "summary: lp", err) &&
      mst_reader_stat(a, "lp", x) && mst_reader_stat(b, "lp", y) && n == m &&
      !memcmp(x, y, (size_t)n * sizeof *x))
    mst_fail(err, MASTING_ERR_USAGE,
             "%s: the same draws as in %s; expected chains of another seed; try --seed when "
             "sampling",
             b->path, a->path);
  mst_free(&x);
  mst_free(&y);
  return err->status;
}

masting_status mst_reader_open_all(mst_reader *reader, const char *const *paths, int count,
                                   mst_error *err) {
  if (mst_reader_open(reader, paths[0], err)) return err->status;
  mst_reader *last = reader;
  int64_t chains = reader->chains, draws = reader->draws;
  for (int i = 1; i < count && !err->status; i++) {
    mst_reader *r;
    if (mst_alloc((void **)&r, 1, sizeof *r, "summary: files", err)) break;
    mst_reader_open(r, paths[i], err);
    last->next = r;
    last = r;
    if (err->status || check_alike(reader, r, err)) break;
    chains += r->chains;
    if (r->draws < draws) draws = r->draws;
  }
  /* each with each, while every reader still is one file */
  for (mst_reader *a = reader; a && count > 1; a = a->next)
    for (mst_reader *b = a->next; b && !err->status; b = b->next) {
      mst_reader one = *a, two = *b;
      one.next = two.next = NULL;
      check_distinct(&one, &two, err);
    }
  reader->chains = chains;
  reader->draws = draws;
  return err->status;
}
