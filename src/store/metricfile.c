/* store/metricfile.c -- see metricfile.h: what both formats share, and what a file is held against.
 */
#define XXH_INLINE_ALL /* header only: no dispatch at run time */
#include "store/metricfile.h"

#include <inttypes.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <xxhash.h>

#include "base/mem.h"
#include "base/show.h"
#include "data/h5_layout.h"
#include "data/memory.h"
#include "data/source.h"
#include "linalg/lapack.h"
#include "store/metricfile_impl.h"

#define ASYMMETRY                                                                                  \
  1e-8 /* relative to the geometric mean of the variances: what rounding to 6 digits and more may  \
          leave */
#define NOT_ORTHOGONAL 1e-6

static bool ends_in(const char *path, const char *suffix) {
  const size_t n = strlen(path), m = strlen(suffix);
  return n > m && !strcmp(path + n - m, suffix);
}

masting_status mst_metricfile_refuse(const mst_comm *comm, const char *path, int force,
                                     mst_error *err) {
  if (comm->rank == 0 && !ends_in(path, ".json") && !ends_in(path, ".h5"))
    mst_fail(err, MASTING_ERR_USAGE,
             "%s: what format? expected a name that ends in .json (as CmdStan reads it) or .h5 "
             "(row-local parameters too)",
             path);
  if (comm->rank == 0) mst_h5_layout_refuse(path, force, err);
  return mst_agree(comm, err);
}

masting_status mst_metricfile_write(const mst_comm *comm, const mst_metricfile_spec *spec,
                                    mst_error *err) {
  if (mst_metricfile_refuse(comm, spec->path, spec->force, err) != MASTING_OK) return err->status;
  if (!ends_in(spec->path, ".json")) return mst_metricfile_h5_write(comm, spec, err);
  return mst_metricfile_json_write(comm, spec, err);
}

void mst_metricfile_free(mst_metricfile_data *m) {
  mst_free(&m->inverse);
  mst_free(&m->diagonal);
  mst_free(&m->scale);
  mst_free(&m->eigen);
  mst_free(&m->directions);
  mst_free(&m->step_sizes);
  mst_free(&m->local);
  *m = (mst_metricfile_data){0};
}

uint64_t mst_metricfile_signature(const mst_layout *l) {
  uint64_t h = 0;
  for (int i = 0; i < l->model->nparams; i++) {
    const masting_param *p = &l->model->params[i];
    const mst_param_layout *q = &l->param[i];
    h = XXH3_64bits_withSeed(p->name, strlen(p->name), h);
    const double how[] = {p->transform, p->lower, p->upper, p->ndims, q->shard_dim};
    h = XXH3_64bits_withSeed(how, sizeof how, h);
    for (int d = 0; d < p->ndims; d++)
      if (d != q->shard_dim) h = XXH3_64bits_withSeed(&q->dims[d], sizeof q->dims[d], h);
  }
  return h;
}

/* ---- a file held against a model ---- */

/* "mu, alpha[60], sigma" */
static void globals_text(const mst_layout *l, char *text, size_t size) {
  size_t used = 0;
  *text = '\0';
  for (int i = 0; i < l->model->nparams && used + 1 < size; i++) {
    const mst_param_layout *q = &l->param[i];
    if (q->local) continue;
    used += (size_t)snprintf(text + used, size - used, "%s%s", used ? ", " : "",
                             l->model->params[i].name);
    for (int d = 0; d < l->model->params[i].ndims && used + 1 < size; d++)
      used += (size_t)snprintf(text + used, size - used, "%s%" PRId64 "%s", d ? "," : "[",
                               q->dims[d], d + 1 == l->model->params[i].ndims ? "]" : "");
  }
}

/* Where the file's names and the model's part; -1: nowhere (as far as both go). */
static int64_t first_difference(const mst_metricfile_found *f, const mst_layout *l,
                                const char **theirs) {
  const char *name = f->names;
  for (int64_t i = 0; i < f->nnames; i++, name += strlen(name) + 1) {
    char ours[MST_ELEMENT_NAME] = "nothing";
    if (i < l->globals) mst_global_name(l, i, ours, sizeof ours);
    *theirs = name;
    if (strcmp(ours, name) != 0) return i;
  }
  *theirs = "nothing";
  return f->nnames < l->globals ? f->nnames : -1;
}

static masting_status check_names(const mst_metricfile_found *f, const char *path,
                                  const mst_layout *l, mst_error *err) {
  const char *theirs = "";
  const int64_t at = f->names ? first_difference(f, l, &theirs) : -1;
  char text[600], ours[MST_ELEMENT_NAME] = "nothing";
  if (f->data.n == l->globals && at < 0) return MASTING_OK;
  if (!f->names && l->locals && f->data.n == mst_layout_elements(l)) return MASTING_OK;
  globals_text(l, text, sizeof text);
  if (at >= 0 && at < l->globals) mst_global_name(l, at, ours, sizeof ours);
  if (at >= 0)
    return mst_fail(err, MASTING_ERR_DATA,
                    "%s: of another model: it has %" PRId64 " elements; expected %" PRId64
                    ", the global parameters (%s); element %" PRId64 " is %s there and %s here",
                    path, f->data.n, l->globals, text, at + 1, theirs, ours);
  char all[120] = "";
  if (l->locals)
    snprintf(all, sizeof all, ", or %" PRId64 " with the row-local ones", mst_layout_elements(l));
  return mst_fail(err, MASTING_ERR_DATA,
                  "%s: inv_metric: of another size; expected %" PRId64
                  " elements, the global parameters (%s)%s, got %" PRId64,
                  path, l->globals, text, all, f->data.n);
}

const char *mst_metricfile_element_name(const mst_layout *l, int64_t n, int64_t i,
                                        char text[MST_ELEMENT_NAME + 4]) {
  char name[MST_ELEMENT_NAME];
  if (n == l->globals)
    mst_global_name(l, i, name, sizeof name);
  else
    mst_element_name(l, i, name, sizeof name);
  snprintf(text, MST_ELEMENT_NAME + 4, " (%s)", name);
  return text;
}

static masting_status check_positive(const double *x, int64_t n, const char *what, const char *path,
                                     const mst_layout *l, mst_error *err) {
  char name[MST_ELEMENT_NAME + 4];
  for (int64_t i = 0; i < n; i++)
    if (!(isfinite(x[i]) && x[i] > 0))
      return mst_fail(err, MASTING_ERR_DATA,
                      "%s: %s: element %" PRId64 "%s: expected a finite number above 0, got %g",
                      path, what, i + 1, l ? mst_metricfile_element_name(l, n, i, name) : "", x[i]);
  return MASTING_OK;
}

static masting_status check_diagonal(const double *x, int64_t step, int64_t n, const char *path,
                                     const mst_layout *l, mst_error *err) {
  char one[MST_ELEMENT_NAME + 4];
  for (int64_t i = 0; i < n; i++)
    if (!(isfinite(x[i * step]) && x[i * step] > 0))
      return mst_fail(err, MASTING_ERR_DATA,
                      "%s: inv_metric: diagonal element %" PRId64
                      "%s: expected a finite number above 0, got %g",
                      path, i + 1, mst_metricfile_element_name(l, n, i, one), x[i * step]);
  return MASTING_OK;
}

masting_status mst_metricfile_mirror(double *below, double *above, int64_t i, int64_t j,
                                     double diagonal_i, double diagonal_j, int64_t n,
                                     const char *path, const mst_layout *l, mst_error *err) {
  char one[MST_ELEMENT_NAME + 4], two[MST_ELEMENT_NAME + 4];
  if (!isfinite(*below) || !isfinite(*above))
    return mst_fail(err, MASTING_ERR_DATA,
                    "%s: inv_metric: row %" PRId64 "%s, column %" PRId64
                    "%s: expected a finite number, got %g",
                    path, i + 1, mst_metricfile_element_name(l, n, i, one), j + 1,
                    mst_metricfile_element_name(l, n, j, two), isfinite(*below) ? *above : *below);
  if (fabs(*below - *above) > ASYMMETRY * sqrt(diagonal_i * diagonal_j))
    return mst_fail(err, MASTING_ERR_DATA,
                    "%s: inv_metric: not symmetric; row %" PRId64 "%s, column %" PRId64
                    "%s is %.17g, expected what is at its mirror place, got %.17g there",
                    path, i + 1, mst_metricfile_element_name(l, n, i, one), j + 1,
                    mst_metricfile_element_name(l, n, j, two), *below, *above);
  *below = *above = 0.5 * (*below + *above);
  return MASTING_OK;
}

static masting_status check_symmetric(double *a, int64_t n, const char *path, const mst_layout *l,
                                      mst_error *err) {
  if (check_diagonal(a, n + 1, n, path, l, err) != MASTING_OK) return err->status;
  for (int64_t i = 0; i < n; i++)
    for (int64_t j = 0; j < i; j++)
      if (mst_metricfile_mirror(a + i * n + j, a + j * n + i, i, j, a[i * n + i], a[j * n + j], n,
                                path, l, err) != MASTING_OK)
        return err->status;
  return MASTING_OK;
}

masting_status mst_metricfile_indefinite(const char *path, const mst_layout *l, int64_t n,
                                         int pivot, mst_error *err) {
  char name[MST_ELEMENT_NAME + 4];
  return mst_fail(err, MASTING_ERR_DATA,
                  "%s: inv_metric: not positive definite; expected a covariance of the parameters, "
                  "got one that breaks down at row "
                  "%d%s",
                  path, pivot + 1, mst_metricfile_element_name(l, n, pivot, name));
}

static masting_status check_definite(const double *a, int64_t n, const char *path,
                                     const mst_layout *l, mst_error *err) {
  double *copy = NULL;
  int pivot = -1;
  mst_error why = {0};
  if (mst_alloc((void **)&copy, (size_t)(n * n), sizeof *copy, "metric", err) != MASTING_OK)
    return err->status;
  memcpy(copy, a, (size_t)(n * n) * sizeof *copy);
  if (n > 0 && mst_cholesky("inv_metric", copy, (int)n, &pivot, &why) != MASTING_OK) {
    if (pivot >= 0)
      mst_metricfile_indefinite(path, l, n, pivot, err);
    else
      *err = why;
  }
  mst_free(&copy);
  return err->status;
}

static masting_status check_low_rank(const mst_metricfile_data *m, const char *path,
                                     const mst_layout *l, mst_error *err) {
  if (check_positive(m->scale, m->n, "scale", path, l, err) != MASTING_OK ||
      check_positive(m->eigen, m->rank, "eigenvalues", path, NULL, err) != MASTING_OK)
    return err->status;
  for (int a = 0; a < m->rank; a++)
    for (int b = 0; b <= a; b++) {
      double s = 0;
      for (int64_t i = 0; i < m->n; i++)
        s += m->directions[i * m->rank + a] * m->directions[i * m->rank + b];
      if (!(fabs(s - (a == b)) < NOT_ORTHOGONAL))
        return mst_fail(err, MASTING_ERR_DATA,
                        "%s: directions: not orthonormal; the product of column %d and column %d "
                        "is expected to be %d, got %g",
                        path, a + 1, b + 1, a == b, s);
    }
  return MASTING_OK;
}

/* whole false: whether a matrix is positive definite is seen later, by all ranks together. */
static masting_status check_numbers(mst_metricfile_data *m, const char *path, const mst_layout *l,
                                    bool whole, mst_error *err) {
  if (m->step_size != 0) check_positive(&m->step_size, 1, "stepsize", path, NULL, err);
  check_positive(m->step_sizes, m->chains, "stepsizes", path, NULL, err);
  if (err->status != MASTING_OK) return err->status;
  if (m->kind == MST_KIND_DIAGONAL)
    return check_positive(m->inverse, m->n, "inv_metric", path, l, err);
  if (m->kind == MST_KIND_LOW_RANK) return check_low_rank(m, path, l, err);
  if (m->left) return check_diagonal(m->diagonal, 1, m->n, path, l, err);
  if (check_symmetric(m->inverse, m->n, path, l, err) != MASTING_OK || !whole) return err->status;
  return check_definite(m->inverse, m->n, path, l, err);
}

/* From all parameters in Stan's order to the globals' block, and the diagonal of the row-local
 * ones. */
static masting_status take_apart(mst_metricfile_data *m, const mst_layout *l, mst_error *err) {
  const int64_t all = m->n, p = l->globals;
  const bool dense = m->kind == MST_KIND_DENSE;
  double *block = NULL;
  int64_t *place = NULL, row, element, found = 0;
  mst_alloc((void **)&block, (size_t)(dense ? p * p : p), sizeof *block, "metric", err);
  mst_alloc((void **)&place, (size_t)p, sizeof *place, "metric", err);
  mst_alloc((void **)&m->local, (size_t)(l->n * l->locals), sizeof *m->local, "metric", err);
  for (int64_t i = 0; err->status == MASTING_OK && i < all; i++) {
    if (mst_layout_from_stan(l, i, &row, &element))
      m->local[row * l->locals + element] = m->inverse[dense ? i * all + i : i];
    else
      place[element] = i, found++;
  }
  if (err->status == MASTING_OK) {
    MST_ASSERT(found == p);
    for (int64_t i = 0; i < p; i++)
      for (int64_t j = 0; j < (dense ? p : 1); j++)
        block[dense ? i * p + j : i] = m->inverse[dense ? place[i] * all + place[j] : place[i]];
    mst_free(&m->inverse);
    m->inverse = block;
    block = NULL;
    m->n = p;
    m->rows = true;
  }
  mst_free(&block);
  mst_free(&place);
  return err->status;
}

/* ---- reading ---- */

/* Text that reads as an assignment of S: CmdStan's older format. */
static bool is_r_dump(const char *path) {
  char head[4096] = "";
  FILE *f = fopen(path, "rb");
  size_t n = f ? fread(head, 1, sizeof head - 1, f) : 0;
  if (f) fclose(f);
  head[n] = '\0';
  return strstr(head, "<-") != NULL && head[strspn(head, " \t\r\n")] != '{';
}

static bool is_h5(const char *path) {
  char head[8] = "";
  FILE *f = fopen(path, "rb");
  size_t n = f ? fread(head, 1, sizeof head, f) : 0;
  if (f) fclose(f);
  return n == sizeof head && !memcmp(head, "\x89HDF\r\n\x1a\n", sizeof head);
}

/* A parsed JSON number takes three times the memory of its 17 digits. */
static masting_status json_fits(const char *path, int64_t bytes, mst_error *err) {
  char a[MST_SHOW_SIZE], b[MST_SHOW_SIZE], c[MST_SHOW_SIZE];
  const int64_t room = mst_memory_available();
  if (room < 0 || bytes <= room / 3) return MASTING_OK;
  return mst_fail(err, MASTING_ERR_MEMORY,
                  "%s: JSON of %s takes about %s of memory on one rank; expected at most the %s "
                  "that are available; try HDF5 "
                  "(--save-metric NAME.h5), of which every rank reads its own part",
                  path, mst_show_bytes(bytes, a),
                  mst_show_bytes(bytes < INT64_MAX / 3 ? 3 * bytes : INT64_MAX, b),
                  mst_show_bytes(room, c));
}

static masting_status read_found(mst_metricfile_found *f, const char *path, int64_t left,
                                 mst_error *err) {
  mst_error why = {0};
  int64_t bytes;
  if (mst_source_look(path, &bytes, &why) != MASTING_OK)
    return mst_fail(err, why.status,
                    "%s: cannot be read: %s; expected a metric file (JSON or HDF5)", path,
                    why.message);
  if (is_h5(path)) return mst_metricfile_h5_read(f, path, left, err);
  if (is_r_dump(path))
    return mst_fail(err, MASTING_ERR_FORMAT,
                    "%s: an R dump; expected JSON or HDF5; try {\"inv_metric\": [...]} in a .json, "
                    "with the same numbers",
                    path);
  if (json_fits(path, bytes, err) != MASTING_OK) return err->status;
  return mst_metricfile_json_read(f, path, err);
}

/* Of the globals: one over all parameters is taken apart as a whole. */
static masting_status leave(mst_metricfile_data *m, mst_error *err) {
  if (m->left || m->kind != MST_KIND_DENSE) return MASTING_OK;
  if (mst_alloc((void **)&m->diagonal, (size_t)m->n, sizeof *m->diagonal, "metric", err) !=
      MASTING_OK)
    return err->status;
  for (int64_t i = 0; i < m->n; i++) m->diagonal[i] = m->inverse[i * (m->n + 1)];
  return MASTING_OK;
}

static masting_status read_checked(mst_metricfile_data *m, const char *path, const mst_layout *l,
                                   bool whole, mst_error *err) {
  mst_metricfile_found f = {0};
  if (read_found(&f, path, whole ? 0 : l->globals, err) == MASTING_OK &&
      check_names(&f, path, l, err) == MASTING_OK &&
      check_numbers(&f.data, path, l, whole, err) == MASTING_OK && f.data.n != l->globals)
    take_apart(&f.data, l, err);
  if (err->status == MASTING_OK && !whole) leave(&f.data, err);
  free(f.names);
  *m = f.data;
  return err->status;
}

static void share(const mst_comm *comm, double **x, int64_t count, bool there, mst_error *err) {
  if (!there || err->status != MASTING_OK) return;
  if (comm->rank != 0) mst_alloc((void **)x, (size_t)count, sizeof **x, "metric", err);
  if (mst_agree(comm, err) == MASTING_OK) mst_bcast(comm, *x, count * (int64_t)sizeof **x, err);
}

masting_status mst_metricfile_read(mst_metricfile_data *m, const mst_comm *comm, const char *path,
                                   const mst_layout *l, bool whole, mst_error *err) {
  *m = (mst_metricfile_data){0};
  if (comm->rank == 0) read_checked(m, path, l, whole, err);
  if (mst_agree(comm, err) != MASTING_OK) return err->status;
  mst_metricfile_data all = *m; /* rank 0's non-NULL pointers tell the others which arrays follow */
  if (mst_bcast(comm, &all, (int64_t)sizeof all, err) != MASTING_OK) return err->status;
  if (comm->rank != 0) {
    *m = all;
    m->inverse = m->diagonal = m->scale = m->eigen = m->directions = m->step_sizes = m->local =
        NULL;
  }
  const int64_t p = all.n;
  share(comm, &m->inverse, all.kind == MST_KIND_DENSE ? p * p : p, all.inverse && !all.diagonal,
        err);
  share(comm, &m->diagonal, p, all.diagonal, err);
  share(comm, &m->scale, p, all.scale, err);
  share(comm, &m->eigen, all.rank, all.eigen, err);
  share(comm, &m->directions, p * all.rank, all.directions, err);
  share(comm, &m->step_sizes, all.chains, all.step_sizes, err);
  share(comm, &m->local, l->n * l->locals, all.local, err);
  return mst_agree(comm, err);
}
