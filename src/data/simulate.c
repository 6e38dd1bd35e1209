/* data/simulate.c -- mst_simulate: see dataset.h. Rank 0 lays the file out, every rank writes its
 * rows.
 *
 * In the file: a scalar per size, the data as the model declares them, group /truth with the
 * parameters. Rows are made in pieces, so a rank holds megabytes whatever the size of the data.
 */
#include <stdio.h>
#include <string.h>

#include "base/mem.h"
#include "config.h"
#include "data/dataset.h"
#include "data/h5.h"
#include "data/h5_layout.h"
#include "data/schema.h"
#include "data/simrng.h"

#define PIECE_BYTES (INT64_C(16) << 20)

typedef struct places { /* byte offsets in the file; broadcast */
  int64_t size[MST_MAX_SIZES], data[MST_MAX_DATA], param[MST_MAX_PARAMS];
} places;

typedef struct simulation {
  const mst_comm *comm;
  const masting_model *model;
  uint64_t seed;
  int force;
  mst_schema schema;
  mst_layout layout;
  mst_shard shard;
  double *theta;                  /* [P] */
  void *replicated[MST_MAX_DATA]; /* whole; NULL: sharded */
  void *rows[MST_MAX_DATA];       /* a piece's rows; NULL: replicated */
  double *local;                  /* a piece's rows [rows][L] */
  void *turned;                   /* a piece of one variable in the file's order */
  int64_t piece;                  /* rows a piece */
  places at;
  mst_h5_layout file;
} simulation;

static masting_status check_simulator(const masting_model *m, mst_error *err) {
  bool row_data = false, data = false, local = false;
  for (int i = 0; i < m->ndata; i++) {
    bool sharded = false;
    for (int k = 0; k < m->data[i].ndims; k++) sharded |= m->data[i].dims[k] == m->shard;
    if (sharded)
      row_data = true;
    else
      data = true;
  }
  for (int i = 0; i < m->nparams; i++)
    for (int k = 0; k < m->params[i].ndims; k++) local |= m->params[i].dims[k] == m->shard;
  for (int i = 0; i < m->nsizes; i++)
    if (m->sizes[i].computed)
      return mst_fail(err, MASTING_ERR_MODEL,
                      "model %s: it cannot be simulated: it computes the size %s from data",
                      m->name, m->sizes[i].name);
  for (int i = 0; i < m->ndata; i++)
    if (m->data[i].made)
      return mst_fail(err, MASTING_ERR_MODEL,
                      "model %s: it cannot be simulated: it makes %s from data", m->name,
                      m->data[i].name);
  const char *missing = !m->sim_global                       ? "sim_global"
                        : data && !m->sim_data               ? "sim_data"
                        : (row_data || local) && !m->sim_row ? "sim_row"
                                                             : NULL;
  if (!missing) return MASTING_OK;
  return mst_fail(err, MASTING_ERR_MODEL,
                  "model %s: it cannot be simulated; expected a function %s, got NULL; try a model "
                  "of `masting sample --list`",
                  m->name, missing);
}

/* Collective. Sizes, shard, buffers. */
static masting_status prepare(simulation *s, const mst_read_options *options, mst_error *err) {
  const masting_model *m = s->model;
  if (check_simulator(m, err) == MASTING_OK &&
      mst_schema_make(&s->schema, m, NULL, NULL, options, err) == MASTING_OK)
    mst_layout_make(&s->layout, m, s->schema.size, err);
  if (mst_agree(s->comm, err) != MASTING_OK) return err->status;
  s->shard = mst_shard_make(s->layout.n, s->comm->rank, s->comm->size);
  int64_t row_bytes = s->layout.locals * 8, widest = 8;
  for (int p = 0; p < m->nparams; p++)
    if (s->layout.param[p].local && s->layout.param[p].elements * 8 > widest)
      widest = s->layout.param[p].elements * 8;
  for (int i = 0; i < m->ndata; i++) {
    const mst_var_schema *v = &s->schema.var[i];
    int64_t bytes = v->before * v->after * mst_type_bytes(v->type);
    if (v->shard_dim < 0) continue;
    row_bytes += bytes;
    if (bytes > widest) widest = bytes;
  }
  s->piece = PIECE_BYTES / (row_bytes + 1) + 1;
  if (s->piece > s->shard.rows) s->piece = s->shard.rows;
  size_t piece = (size_t)s->piece;
  for (int i = 0; i < m->ndata; i++) {
    const mst_var_schema *v = &s->schema.var[i];
    size_t count = (size_t)(v->before * v->after), bytes = (size_t)mst_type_bytes(v->type);
    bool sharded = v->shard_dim >= 0;
    mst_alloc(sharded ? &s->rows[i] : &s->replicated[i], sharded ? piece * count : count, bytes,
              m->data[i].name, err);
  }
  mst_alloc((void **)&s->theta, (size_t)s->layout.globals, 8, "parameters", err);
  mst_alloc((void **)&s->local, piece * (size_t)s->layout.locals, 8, "local parameters", err);
  mst_alloc(&s->turned, piece, (size_t)widest, "a piece of the data", err);
  return mst_agree(s->comm, err);
}

/* The same on every rank: parameters, then replicated data. */
static void draw_globals(simulation *s) {
  masting_rng rng;
  masting_sim sim = {.size = s->schema.size, .ops = &mst_simrng_ops, .rng = &rng};
  mst_simrng_start(&rng, s->seed, MST_USE_SIM_GLOBAL, 0);
  s->model->sim_global(&sim, s->theta);
  mst_simrng_start(&rng, s->seed, MST_USE_SIM_DATA, 0);
  if (s->model->sim_data) s->model->sim_data(&sim, s->theta, s->replicated);
}

/* Rows are addressed, not drawn in turn, so threads may share them out. */
static void draw_rows(simulation *s, int64_t first, int64_t rows) {
  const masting_model *m = s->model;
#pragma omp parallel for schedule(static)
  for (int64_t r = 0; r < rows; r++) {
    masting_rng rng;
    masting_sim sim = {.size = s->schema.size, .ops = &mst_simrng_ops, .rng = &rng};
    void *row[MST_MAX_DATA] = {NULL};
    for (int i = 0; i < m->ndata; i++) {
      const mst_var_schema *v = &s->schema.var[i];
      if (s->rows[i])
        row[i] = (char *)s->rows[i] + r * v->before * v->after * mst_type_bytes(v->type);
    }
    mst_simrng_start(&rng, s->seed, MST_USE_SIM_ROW, first + r);
    m->sim_row(&sim, s->theta, (const void *const *)s->replicated, first + r,
               s->local + r * s->layout.locals, row);
  }
}

static hid_t file_type(masting_type type) {
  return type == MASTING_F64   ? H5T_NATIVE_DOUBLE
         : type == MASTING_F32 ? H5T_NATIVE_FLOAT
                               : H5T_NATIVE_INT32;
}

static masting_status text_attribute(hid_t at, const char *name, const char *text, mst_error *err) {
  hid_t type = H5Tcopy(H5T_C_S1), space = H5Screate(H5S_SCALAR), a = H5I_INVALID_HID;
  bool ok = type >= 0 && space >= 0 && H5Tset_size(type, H5T_VARIABLE) >= 0 &&
            H5Tset_cset(type, H5T_CSET_UTF8) >= 0;
  if (ok) a = H5Acreate2(at, name, type, space, H5P_DEFAULT, H5P_DEFAULT);
  ok = ok && a >= 0 && H5Awrite(a, type, &text) >= 0;
  mst_h5_close(&a);
  mst_h5_close(&space);
  mst_h5_close(&type);
  char why[256];
  return ok ? MASTING_OK
            : mst_fail(err, MASTING_ERR_IO, "attribute %s: cannot be written: %s", name,
                       mst_h5_why(why, sizeof why));
}

/* Bytes of all datasets, and what HDF5 needs around them at most. */
static int64_t file_bytes(const simulation *s) {
  const int64_t around = (int64_t)1 << 20;
  int64_t bytes = around + 8 * s->layout.globals + 8 * s->layout.locals * s->layout.n;
  for (int i = 0; i < s->model->ndata; i++) {
    const mst_var_schema *v = &s->schema.var[i];
    bytes += v->before * v->after * mst_type_bytes(v->type) * (v->shard_dim >= 0 ? s->layout.n : 1);
  }
  return bytes;
}

/* Rank 0: the whole file, without its numbers. */
static masting_status lay_out(simulation *s, const char *path, mst_error *err) {
  const masting_model *m = s->model;
  mst_h5_layout *f = &s->file;
  hid_t truth = H5I_INVALID_HID;
  char seed[32];
  snprintf(seed, sizeof seed, "%llu", (unsigned long long)s->seed);
  if (mst_h5_layout_room(path, file_bytes(s), "fewer rows (--size), or another folder", err) !=
          MASTING_OK ||
      mst_h5_layout_create(f, path, err) != MASTING_OK)
    return err->status;
  text_attribute(f->h5, "masting_model", m->name, err);
  text_attribute(f->h5, "masting_seed", seed, err);
  text_attribute(f->h5, "masting_version", PACKAGE_VERSION, err);
  for (int i = 0; i < m->nsizes && err->status == MASTING_OK; i++)
    mst_h5_layout_dataset(f, f->h5, m->sizes[i].name, H5T_NATIVE_INT64, 0, NULL, NULL,
                          &s->at.size[i], NULL, err);
  for (int i = 0; i < m->ndata && err->status == MASTING_OK; i++)
    mst_h5_layout_dataset(f, f->h5, m->data[i].name, file_type(s->schema.var[i].type),
                          m->data[i].ndims, s->schema.var[i].dims, NULL, &s->at.data[i], NULL, err);
  if (err->status == MASTING_OK) mst_h5_layout_group(f, f->h5, "truth", &truth, err);
  for (int i = 0; i < m->nparams && err->status == MASTING_OK; i++)
    mst_h5_layout_dataset(f, truth, m->params[i].name, H5T_NATIVE_DOUBLE, m->params[i].ndims,
                          s->layout.param[i].dims, NULL, &s->at.param[i], NULL, err);
  mst_h5_close(&truth);
  return err->status == MASTING_OK ? mst_h5_layout_seal(f, err) : err->status;
}

/* Rank 0: sizes, replicated data, global parameters in row-major order. */
static masting_status write_globals(simulation *s, mst_error *err) {
  const masting_model *m = s->model;
  for (int i = 0; i < m->nsizes; i++)
    mst_h5_layout_write(&s->file, s->at.size[i], &s->schema.size[i], 8, err);
  for (int i = 0; i < m->ndata; i++)
    if (s->replicated[i])
      mst_h5_layout_write(&s->file, s->at.data[i], s->replicated[i],
                          s->schema.var[i].after * mst_type_bytes(s->schema.var[i].type), err);
  for (int p = 0; p < m->nparams; p++) {
    const mst_param_layout *l = &s->layout.param[p];
    if (l->local) continue;
    for (int64_t i = 0; i < l->elements; i++)
      mst_h5_layout_write(&s->file, s->at.param[p] + 8 * i,
                          &s->theta[l->offset + mst_layout_from_row_major(&s->layout, p, i)], 8,
                          err);
  }
  return err->status;
}

/* `rows` rows of a variable to the file's order [before][N][after]. In memory a row's
 * [before][after] elements are together, and row_bytes from the next row's. */
static masting_status write_variable(simulation *s, int64_t at, int64_t before, int64_t after_bytes,
                                     const void *from, int64_t row_bytes, int64_t first,
                                     int64_t rows, mst_error *err) {
  if (before == 1 && row_bytes == after_bytes)
    return mst_h5_layout_write(&s->file, at + first * after_bytes, from, rows * after_bytes, err);
  for (int64_t b = 0; b < before; b++) {
    const char *in = (const char *)from + b * after_bytes;
    char *out = s->turned;
    for (int64_t r = 0; r < rows; r++)
      memcpy(out + r * after_bytes, in + r * row_bytes, (size_t)after_bytes);
    mst_h5_layout_write(&s->file, at + (b * s->shard.n + first) * after_bytes, out,
                        rows * after_bytes, err);
  }
  return err->status;
}

static masting_status write_rows(simulation *s, int64_t first, int64_t rows, mst_error *err) {
  const masting_model *m = s->model;
  for (int i = 0; i < m->ndata; i++) {
    const mst_var_schema *v = &s->schema.var[i];
    int64_t bytes = v->after * mst_type_bytes(v->type);
    if (s->rows[i])
      write_variable(s, s->at.data[i], v->before, bytes, s->rows[i], v->before * bytes, first, rows,
                     err);
  }
  for (int p = 0; p < m->nparams; p++) {
    const mst_param_layout *l = &s->layout.param[p];
    if (l->local)
      write_variable(s, s->at.param[p], l->before, l->after * 8, s->local + l->offset,
                     s->layout.locals * 8, first, rows, err);
  }
  return err->status;
}

/* Collective. Everything between the checks and the final name. */
static masting_status write_all(simulation *s, const char *path, mst_error *err) {
  if (s->comm->rank == 0) lay_out(s, path, err);
  if (mst_agree(s->comm, err) != MASTING_OK) return err->status;
  mst_bcast(s->comm, &s->at, sizeof s->at, err);
  mst_h5_layout_open(&s->file, path, err);
  if (mst_agree(s->comm, err) != MASTING_OK) return err->status;
  if (s->comm->rank == 0) write_globals(s, err);
  for (int64_t done = 0; s->model->sim_row && done < s->shard.rows && err->status == MASTING_OK;
       done += s->piece) {
    int64_t rows = s->shard.rows - done < s->piece ? s->shard.rows - done : s->piece;
    draw_rows(s, s->shard.first_row.v + done, rows);
    write_rows(s, s->shard.first_row.v + done, rows, err);
  }
  mst_h5_layout_sync(&s->file, err);
  if (mst_agree(s->comm, err) != MASTING_OK) return err->status;
  if (s->comm->rank == 0) mst_h5_layout_publish(&s->file, s->force, err);
  return mst_agree(s->comm, err);
}

masting_status mst_simulate(const mst_comm *comm, const masting_model *model, const char *path,
                            const mst_read_options *options, uint64_t seed, int force,
                            mst_error *err) {
  simulation s = {.comm = comm, .model = model, .seed = seed, .force = force};
  if (comm->rank == 0) mst_h5_layout_refuse(path, force, err);
  if (mst_agree(comm, err) == MASTING_OK && prepare(&s, options, err) == MASTING_OK) {
    draw_globals(&s);
    write_all(&s, path, err);
  }
  /* Rank 0's partial file is of use to nobody after an error. */
  mst_h5_layout_abandon(&s.file, comm->rank != 0 || err->status == MASTING_OK);
  for (int i = 0; i < MST_MAX_DATA; i++) {
    mst_free(&s.replicated[i]);
    mst_free(&s.rows[i]);
  }
  mst_free(&s.theta);
  mst_free(&s.local);
  mst_free(&s.turned);
  return err->status;
}
