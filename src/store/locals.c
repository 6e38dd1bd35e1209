/* store/locals.c -- see locals.h. */
#include "store/locals.h"

#include <math.h>
#include <string.h>

#include "base/mem.h"

#define SCRATCH 32768 /* doubles: 256 KiB, which stays in the second-level cache */

masting_status mst_locals_make(mst_locals *l, const mst_layout *layout, const mst_shard *shard,
                               mst_error *err) {
  *l = (mst_locals){.layout = layout, .shard = *shard};
  return mst_alloc((void **)&l->scratch, SCRATCH, sizeof *l->scratch, "draws: buffer", err);
}

void mst_locals_free(mst_locals *l) { mst_free(&l->scratch); }

/* Gathers one run of the file, [rows][after] of one `before` index, piece by piece. */
static masting_status write_run(mst_locals *l, mst_h5_layout *file, int64_t offset,
                                const double *first, int64_t stride, int64_t after, mst_cell cell,
                                mst_error *err) {
  int64_t total = l->shard.rows * after, used = 0;
  const double *row = first;
  for (int64_t i = 0, within = 0; i < total; i++) {
    l->scratch[used] = row[within];
    if (cell == MST_CELL_I64) {
      int64_t whole = mst_cell_whole(row[within]);
      memcpy(&l->scratch[used], &whole, sizeof whole);
    }
    used++;
    if (++within == after) {
      within = 0;
      row += stride;
    }
    if (used < SCRATCH && i + 1 < total) continue;
    if (mst_h5_layout_write(file, offset, l->scratch, used * 8, err)) return err->status;
    offset += used * 8;
    used = 0;
  }
  return MASTING_OK;
}

/* Byte offset of this rank's run for index b of the dims before the sharded one. */
static int64_t run_at(const mst_locals *l, const mst_param_layout *q, int64_t offset, int64_t b) {
  return offset + 8 * q->after * (b * l->layout->n + l->shard.first_row.v);
}

masting_status mst_locals_write(mst_locals *l, mst_h5_layout *file, int param, mst_cell cell,
                                int64_t offset, const double *local, mst_error *err) {
  const int64_t width = mst_layout_row_width(l->layout, param);
  const mst_param_layout *q = &l->layout->param[param];
  if (l->shard.rows * q->elements == 0) return MASTING_OK;
  if (q->before == 1 && q->elements == width && cell == MST_CELL_F64)
    return mst_h5_layout_write(file, run_at(l, q, offset, 0), local, 8 * l->shard.rows * q->after,
                               err);
  for (int64_t b = 0; b < q->before && !err->status; b++)
    write_run(l, file, run_at(l, q, offset, b), local + q->offset + b * q->after, width, q->after,
              cell, err);
  return err->status;
}

masting_status mst_locals_fill(mst_locals *l, mst_h5_layout *file, int param, mst_cell cell,
                               int64_t offset, int64_t count, mst_error *err) {
  const mst_param_layout *q = &l->layout->param[param];
  for (int i = 0; i < SCRATCH; i++) l->scratch[i] = NAN;
  if (cell == MST_CELL_I64) memset(l->scratch, -1, SCRATCH * sizeof *l->scratch);
  for (int64_t b = 0; b < count * q->before && !err->status; b++) {
    int64_t at = run_at(l, q, offset, b), left = l->shard.rows * q->after;
    for (; left > 0 && !err->status; left -= SCRATCH, at += 8 * SCRATCH)
      mst_h5_layout_write(file, at, l->scratch, 8 * (left < SCRATCH ? left : SCRATCH), err);
  }
  return err->status;
}

masting_status mst_locals_count(mst_locals *l, mst_h5_layout *file, int64_t offset,
                                mst_error *err) {
  int64_t piece[512];
  for (int64_t r = 0; r < l->shard.rows && !err->status; r += 512) {
    int64_t here = l->shard.rows - r < 512 ? l->shard.rows - r : 512;
    for (int64_t i = 0; i < here; i++) piece[i] = mst_to_global(&l->shard, (mst_lrow){r + i}).v;
    mst_h5_layout_write(file, offset + 8 * mst_to_global(&l->shard, (mst_lrow){r}).v, piece,
                        8 * here, err);
  }
  return err->status;
}
