/* data/read.c -- see read.h. */
#include "data/read.h"

#include <string.h>

#include "base/mem.h"
#include "data/h5.h"

/* A piece that goes straight to its place may be large (MPI counts bytes in an int); one that is
 * transposed or converted passes through a buffer that must not weigh on the rank's memory. */
#define DIRECT_BYTES (INT64_C(64) << 20)
#define BUFFER_BYTES (INT64_C(32) << 20)

masting_status mst_read_open(hid_t *file, const mst_comm *comm, const char *path, mst_error *err) {
  char why[256];
  mst_h5_quiet();
  hid_t fapl = H5Pcreate(H5P_FILE_ACCESS);
  herr_t ok = fapl < 0 ? -1 : 0;
  if (ok >= 0 && comm->size > 1) ok = H5Pset_fapl_mpio(fapl, comm->mpi, MPI_INFO_NULL);
  *file = ok < 0 ? H5I_INVALID_HID : H5Fopen(path, H5F_ACC_RDONLY, fapl);
  masting_status status = MASTING_OK;
  if (*file < 0)
    status = mst_fail(err, MASTING_ERR_IO, "%s: cannot be opened%s: %s", path,
                      comm->size > 1 ? " by all ranks" : "", mst_h5_why(why, sizeof why));
  mst_h5_close(&fapl);
  return status;
}

/* Collective metadata at the opening only: set on the whole file it would also bind the look-up of
 * chunks, which ranks do on their own. */
masting_status mst_read_dataset(hid_t *set, hid_t file, bool collective, const char *path,
                                const char *name, mst_error *err) {
  char why[256];
  hid_t dapl = H5Pcreate(H5P_DATASET_ACCESS);
  if (dapl >= 0 && collective) H5Pset_all_coll_metadata_ops(dapl, 1);
  *set = dapl < 0 ? H5I_INVALID_HID : H5Dopen2(file, name, dapl);
  mst_h5_close(&dapl);
  if (*set >= 0) return MASTING_OK;
  return mst_fail(err, MASTING_ERR_FORMAT, "%s: %s: cannot be opened: %s", path, name,
                  mst_h5_why(why, sizeof why));
}

/* How a variable's elements lie: [before][length][after] in the file, [length][before][after] here.
 */
typedef struct view {
  int axis; /* of the file; -1: a scalar */
  int64_t before, after;
  int64_t first, length; /* along the axis */
  mst_held held;         /* as read */
  int held_bytes;
  masting_type type; /* as kept */
  bool direct;       /* no buffer needed */
} view;

static view view_make(const masting_model *model, int var, const mst_var_schema *v, mst_grow first,
                      int64_t rows) {
  bool sharded = v->shard_dim >= 0;
  view w = {.axis = sharded    ? v->shard_dim
                    : v->ndims ? 0
                               : -1,
            .before = v->before,
            .after = v->after,
            .first = sharded ? first.v : 0,
            .length = sharded    ? rows
                      : v->ndims ? v->dims[0]
                                 : 1,
            .type = v->type};
  if (!sharded) w.after /= w.length;
  if (model->data[var].type == MASTING_I32)
    w.held = v->narrow ? MST_HELD_I32 : v->whole ? MST_HELD_I64 : MST_HELD_F64;
  else
    w.held = v->type == MASTING_F32 ? MST_HELD_F32 : MST_HELD_F64;
  w.held_bytes = w.held == MST_HELD_F64 || w.held == MST_HELD_I64 ? 8 : 4;
  w.direct = w.before == 1 && (w.held == MST_HELD_I32 || w.type != MASTING_I32);
  return w;
}

static hid_t native(mst_held held) {
  switch (held) {
  case MST_HELD_F64:
    return H5T_NATIVE_DOUBLE;
  case MST_HELD_F32:
    return H5T_NATIVE_FLOAT;
  case MST_HELD_I32:
    return H5T_NATIVE_INT32;
  case MST_HELD_I64:
    return H5T_NATIVE_INT64;
  }
  return H5I_INVALID_HID;
}

/* Elements `from` .. `from + count - 1` along the axis, into `out` in the file's order. */
static herr_t read_piece(hid_t set, const mst_var_schema *v, const view *w, int64_t from,
                         int64_t count, void *out) {
  hsize_t start[MASTING_MAX_DIMS] = {0}, extent[MASTING_MAX_DIMS] = {0};
  hsize_t elements = (hsize_t)(w->before * count * w->after);
  if (w->axis < 0) return H5Dread(set, native(w->held), H5S_ALL, H5S_ALL, H5P_DEFAULT, out);
  for (int i = 0; i < v->ndims; i++) extent[i] = (hsize_t)v->dims[i];
  start[w->axis] = (hsize_t)(w->first + from);
  extent[w->axis] = (hsize_t)count;
  hid_t file = H5Dget_space(set), memory = H5Screate_simple(1, &elements, NULL);
  herr_t ok = -1;
  if (file >= 0 && memory >= 0 &&
      H5Sselect_hyperslab(file, H5S_SELECT_SET, start, NULL, extent, NULL) >= 0)
    ok = H5Dread(set, native(w->held), memory, file, H5P_DEFAULT, out);
  mst_h5_close(&memory);
  mst_h5_close(&file);
  return ok;
}

/* Number in memory order of element i of a piece in the file's order. */
static int64_t element_of(const view *w, int64_t from, int64_t count, int64_t i) {
  int64_t a = i % w->after, r = i / w->after % count, b = i / (w->after * count);
  return ((w->first + from + r) * w->before + b) * w->after + a;
}

/* One run of `after` elements from the buffer to its place. */
static inline void keep_run(const view *w, const char *in, char *out) {
  if (w->type != MASTING_I32 || w->held == MST_HELD_I32) {
    memcpy(out, in, (size_t)(w->after * w->held_bytes));
  } else if (w->held == MST_HELD_I64) {
    for (int64_t a = 0; a < w->after; a++)
      ((int32_t *)(void *)out)[a] = (int32_t)((const int64_t *)(const void *)in)[a];
  } else {
    for (int64_t a = 0; a < w->after; a++)
      ((int32_t *)(void *)out)[a] = (int32_t)((const double *)(const void *)in)[a];
  }
}

static void keep_piece(const view *w, int64_t from, int64_t count, const char *buffer, char *dest) {
  int64_t in_run = w->after * w->held_bytes, out_run = w->after * mst_type_bytes(w->type);
  char *out = dest + from * w->before * out_run;
  for (int64_t r = 0; r < count; r++)
    for (int64_t b = 0; b < w->before; b++)
      keep_run(w, buffer + (b * count + r) * in_run, out + (r * w->before + b) * out_run);
}

masting_status mst_read_rows(hid_t set, const char *path, const masting_model *model, int var,
                             const mst_schema *schema, mst_grow first, int64_t rows, void *dest,
                             mst_faults *faults, mst_error *err) {
  const mst_var_schema *v = &schema->var[var];
  view w = view_make(model, var, v, first, rows);
  mst_rule rule = mst_rule_make(model, var, schema->size);
  int64_t row_bytes = w.before * w.after * w.held_bytes;
  int64_t piece = (w.direct ? DIRECT_BYTES : BUFFER_BYTES) / row_bytes;
  void *buffer = NULL;
  if (piece < 1) piece = 1;
  if (piece > w.length) piece = w.length;
  if (!w.direct && mst_alloc(&buffer, (size_t)piece, (size_t)row_bytes, model->data[var].name, err))
    return err->status;
  for (int64_t from = 0; from < w.length; from += piece) {
    int64_t count = w.length - from < piece ? w.length - from : piece;
    char *into = w.direct ? (char *)dest + from * row_bytes : buffer, why[256];
    if (read_piece(set, v, &w, from, count, into) < 0) {
      mst_fail(err, MASTING_ERR_IO, "%s: %s: reading failed: %s; is the file damaged?", path,
               model->data[var].name, mst_h5_why(why, sizeof why));
      break;
    }
    int64_t elements = w.before * count * w.after;
    if (!mst_check_clean(&rule, w.held, into, elements)) {
      for (int64_t i = 0; i < elements; i++)
        mst_check_record(&rule, w.held, into, i, element_of(&w, from, count, i), faults);
    } else if (!w.direct) {
      keep_piece(&w, from, count, buffer, dest);
    }
  }
  mst_free(&buffer);
  return err->status;
}
