/* target/gather.c -- see gather.h. Sorted groups per block; a row's place by binary search. */
#include "target/gather.h"

#include <stdlib.h>
#include <string.h>

#include "base/mem.h"

static int ascending(const void *a, const void *b) {
  int32_t x = *(const int32_t *)a, y = *(const int32_t *)b;
  return (x > y) - (x < y);
}

static int unique_groups(const int32_t *index, int rows, int32_t *out) {
  for (int r = 0; r < rows; r++) out[r] = index[r] - 1;
  qsort(out, (size_t)rows, sizeof *out, ascending);
  int n = 0;
  for (int r = 0; r < rows; r++)
    if (n == 0 || out[n - 1] != out[r]) out[n++] = out[r];
  return n;
}

static void place_rows(const int32_t *index, int rows, const int32_t *groups, int n,
                       uint16_t *pos) {
  for (int r = 0; r < rows; r++) {
    int32_t key = index[r] - 1;
    const int32_t *at = bsearch(&key, groups, (size_t)n, sizeof key, ascending);
    pos[r] = (uint16_t)(at - groups);
  }
}

/* Where what gather g picks from stands among the swept elements. */
static void place_arrays(mst_gather_plan *plan, const mst_target *t, const masting_gather *g) {
  const mst_param_layout *all = t->model->nshared ? t->layout.share : t->layout.param;
  for (int j = 0; j < g->nparams; j++) {
    const mst_param_layout *q = &all[g->params[j]];
    plan->offset[j] = q->offset;
    plan->each[j] = q->dims[0] ? q->elements / q->dims[0] : 0;
    plan->width += plan->each[j];
  }
}

static masting_status check_index(const mst_target *t, const masting_gather *g,
                                  const int32_t *index, mst_error *err) {
  const mst_shard *s = &t->data->shard;
  const masting_model *m = t->model;
  const masting_param *from = m->nshared ? &m->shared[g->params[0]] : &m->params[g->params[0]];
  const int64_t most = t->size[from->dims[0]];
  for (int64_t r = 0; r < s->rows; r++)
    if (index[r] < 1 || index[r] > most)
      return mst_fail(err, MASTING_ERR_DATA,
                      "%s[%lld]: no index of %s; expected 1 to %s = %lld, got %d",
                      m->data[g->data].name, (long long)(mst_to_global(s, (mst_lrow){r}).v + 1),
                      from->name, m->sizes[from->dims[0]].name, (long long)most, index[r]);
  return MASTING_OK;
}

static masting_status make_plan(mst_gather_plan *plan, const mst_target *t, const masting_gather *g,
                                mst_error *err) {
  const mst_shard *s = &t->data->shard;
  const int32_t *index = t->var[g->data];
  if (check_index(t, g, index, err)) return err->status;
  place_arrays(plan, t, g);
  mst_alloc((void **)&plan->pos, (size_t)s->rows, sizeof *plan->pos, "gather positions", err);
  mst_alloc((void **)&plan->start, (size_t)s->my_blocks + 1, sizeof *plan->start, "gather blocks",
            err);
  /* room for the worst case: pages that no group fills are never touched */
  mst_alloc((void **)&plan->groups, (size_t)s->rows + 1, sizeof *plan->groups, "gather groups",
            err);
  if (err->status != MASTING_OK) return err->status;
  for (int64_t b = 0; b < s->my_blocks; b++) {
    const int32_t *rows = index + mst_block_first(s, b).v;
    int32_t *groups = plan->groups + plan->start[b];
    int n = unique_groups(rows, mst_block_count(s, b), groups);
    place_rows(rows, mst_block_count(s, b), groups, n, plan->pos + mst_block_first(s, b).v);
    plan->start[b + 1] = plan->start[b] + n;
    if (n > plan->most) plan->most = n;
  }
  return MASTING_OK;
}

/* Swept elements that no gather picks from, in as few runs as can be; and how often one is
 * picked. */
static void find_dense(mst_target *t) {
  const masting_model *m = t->model;
  const int n = m->nshared ? m->nshared : m->nparams;
  const mst_param_layout *all = m->nshared ? t->layout.share : t->layout.param;
  int picked[MST_MAX_PARAMS] = {0};
  for (int g = 0; g < m->ngathers; g++)
    for (int j = 0; j < m->gathers[g].nparams; j++) picked[m->gathers[g].params[j]]++;
  t->max_deposits_per_block = 1;
  for (int i = 0; i < n; i++) {
    if (picked[i] > t->max_deposits_per_block) t->max_deposits_per_block = picked[i];
    if (all[i].local || picked[i]) continue;
    mst_run *last = t->ndense ? &t->dense[t->ndense - 1] : NULL;
    if (last && last->to == all[i].offset)
      last->to += all[i].elements;
    else
      t->dense[t->ndense++] = (mst_run){all[i].offset, all[i].offset + all[i].elements};
  }
}

masting_status mst_gathers_make(mst_target *t, mst_error *err) {
  find_dense(t);
  for (int g = 0; g < t->model->ngathers && err->status == MASTING_OK; g++)
    make_plan(&t->gather[g], t, &t->model->gathers[g], err);
  return err->status;
}

void mst_gather_free(mst_gather_plan *plan) {
  mst_free(&plan->pos);
  mst_free(&plan->start);
  mst_free(&plan->groups);
}
