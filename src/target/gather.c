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

static void place_rows(const int32_t *index, int rows, const int32_t *groups, int n, uint16_t *pos) {
  for (int r = 0; r < rows; r++) {
    int32_t key = index[r] - 1;
    const int32_t *at = bsearch(&key, groups, (size_t)n, sizeof key, ascending);
    pos[r] = (uint16_t)(at - groups);
  }
}

masting_status mst_gather_make(mst_gather_plan *plan, const mst_target *t, int g, mst_error *err) {
  const mst_shard *s = &t->data->shard;
  const int32_t *index = t->data->var[t->model->gathers[g].data];
  mst_alloc((void **)&plan->pos, (size_t)s->rows, sizeof *plan->pos, "gather positions", err);
  mst_alloc((void **)&plan->start, (size_t)s->my_blocks + 1, sizeof *plan->start, "gather blocks",
            err);
  /* room for the worst case: pages that no group fills are never touched */
  mst_alloc((void **)&plan->groups, (size_t)s->rows + 1, sizeof *plan->groups, "gather groups", err);
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

void mst_gather_free(mst_gather_plan *plan) {
  mst_free(&plan->pos);
  mst_free(&plan->start);
  mst_free(&plan->groups);
}
