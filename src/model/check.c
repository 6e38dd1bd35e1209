/* model/check.c -- see model.h: does a model keep to the ABI? */
#include "model/model.h"

#include <math.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

/* A model that breaks the ABI: `where` names the model and its part. */
#define BROKEN(err, model, ...) broken(err, (model)->name, __VA_ARGS__)

static masting_status broken(mst_error *err, const char *name, const char *format, ...)
    __attribute__((format(printf, 3, 4)));

static masting_status broken(mst_error *err, const char *name, const char *format, ...) {
  char what[1024];
  va_list args;
  va_start(args, format);
  vsnprintf(what, sizeof what, format, args);
  va_end(args);
  return mst_fail(err, MASTING_ERR_MODEL, "model %s: %s; try comparing it with masting/model_abi.h",
                  name, what);
}

static bool bad_name(const char *name) { return !name || !*name; }

static masting_status check_counts(const masting_model *m, mst_error *err) {
  if (m->abi != MASTING_ABI)
    return mst_fail(
        err, MASTING_ERR_MODEL,
        "model: built for another ABI; expected number %d, got %d; try compiling it again "
        "with this version's masting/model_abi.h",
        MASTING_ABI, m->abi);
  if (bad_name(m->name))
    return mst_fail(err, MASTING_ERR_MODEL,
                    "model: it has no name; try setting masting_model.name");
  if (m->lanes != 1 && m->lanes != 2 && m->lanes != 4 && m->lanes != 8 && m->lanes != 16)
    return BROKEN(err, m, "wrong lanes; expected 1, 2, 4, 8 or 16, got %d", m->lanes);
  const struct {
    const char *what;
    int n, most;
    const void *list;
  } lists[] = {{"sizes", m->nsizes, MST_MAX_SIZES, m->sizes},
               {"data variables", m->ndata, MST_MAX_DATA, m->data},
               {"parameters", m->nparams, MST_MAX_PARAMS, m->params},
               {"shared values", m->nshared, MASTING_MAX_SHARED, m->shared},
               {"normals", m->nnormals, MASTING_MAX_NORMALS, m->normals},
               {"derived quantities", m->nderived, MASTING_MAX_DERIVED, m->derived},
               {"row-derived quantities", m->nrow_derived, MASTING_MAX_DERIVED, m->row_derived},
               {"gathers", m->ngathers, MASTING_MAX_GATHER, m->gathers}};
  for (size_t i = 0; i < sizeof lists / sizeof lists[0]; i++) {
    if (lists[i].n < 0 || lists[i].n > lists[i].most)
      return BROKEN(err, m, "wrong number of %s; expected 0 to %d, got %d", lists[i].what,
                    lists[i].most, lists[i].n);
    if (lists[i].n && !lists[i].list)
      return BROKEN(err, m, "a number of %s but no list of them; expected %d, got NULL",
                    lists[i].what, lists[i].n);
  }
  if (m->nderived + m->nrow_derived > MASTING_MAX_DERIVED)
    return BROKEN(err, m,
                  "too many derived and row-derived quantities; expected at most %d, got %d",
                  MASTING_MAX_DERIVED, m->nderived + m->nrow_derived);
  return MASTING_OK;
}

/* What is declared needs its function. */
static masting_status check_functions(const masting_model *m, mst_error *err) {
  if (m->nderived && !m->derive)
    return BROKEN(err, m, "derived quantities but no function for them; expected derive, got NULL");
  if (m->nrow_derived && !m->derive_rows)
    return BROKEN(err, m,
                  "row-derived quantities but no function for them; expected derive_rows, "
                  "got NULL");
  if (m->nshared && !m->prepare)
    return BROKEN(err, m, "shared values but no function for them; expected prepare, got NULL");
  if (m->nshared && !m->global)
    return BROKEN(err, m,
                  "shared values but nothing takes their gradient; expected global, got NULL");
  if (m->nnormals && (!m->prepare || !m->global))
    return BROKEN(err, m,
                  "normals but no functions around them; expected prepare and global, got NULL");
  if (m->nphases < 0 || (m->nphases && !m->phase_rows))
    return BROKEN(err, m, "%d phases but no function for them; expected phase_rows, got NULL",
                  m->nphases);
  if (m->phase_values && !m->phase_op)
    return BROKEN(err, m,
                  "values of phases but nothing says how to combine them; expected phase_op, "
                  "got NULL");
  if (m->shard != MASTING_NO_SIZE && (m->shard < 0 || m->shard >= m->nsizes))
    return BROKEN(err, m, "wrong sharded size; expected 0 to %d or MASTING_NO_SIZE, got %d",
                  m->nsizes - 1, m->shard);
  if (m->shard != MASTING_NO_SIZE && m->sizes[m->shard].computed)
    return BROKEN(err, m, "the sharded size %s is computed; expected one that the data have",
                  m->sizes[m->shard].name);
  if (m->shard != MASTING_NO_SIZE && m->nparams && !m->rows)
    return BROKEN(err, m, "a sharded size but no function for rows; expected rows, got NULL");
  if (m->shard == MASTING_NO_SIZE && m->nparams && !m->global)
    return BROKEN(err, m, "nothing sharded and no replicated part; expected global, got NULL");
  return MASTING_OK;
}

/* Where the sharded size stands among dims, or -1; *count: how often. */
static int shard_dim(const masting_model *m, int ndims, const int *dims, int *count) {
  int at = -1;
  *count = 0;
  for (int i = 0; i < ndims; i++)
    if (m->shard != MASTING_NO_SIZE && dims[i] == m->shard) {
      at = i;
      ++*count;
    }
  return at;
}

static masting_status check_dims(const masting_model *m, const char *kind, const char *name,
                                 int ndims, const int *dims, mst_error *err) {
  if (bad_name(name)) return BROKEN(err, m, "a %s without a name", kind);
  if (ndims < 0 || ndims > MASTING_MAX_DIMS)
    return BROKEN(err, m, "%s %s: wrong number of dimensions; expected 0 to %d, got %d", kind, name,
                  MASTING_MAX_DIMS, ndims);
  for (int i = 0; i < ndims; i++)
    if (dims[i] < 0 || dims[i] >= m->nsizes)
      return BROKEN(err, m, "%s %s: dimension %d is no size; expected 0 to %d, got %d", kind, name,
                    i + 1, m->nsizes - 1, dims[i]);
  int count;
  shard_dim(m, ndims, dims, &count);
  if (count > 1)
    return BROKEN(err, m,
                  "%s %s: more than one dimension is the sharded size %s; expected 1, got %d", kind,
                  name, m->sizes[m->shard].name, count);
  return MASTING_OK;
}

/* May thing i (a number among parameters and derived quantities) have the name of thing j? */
static bool replaces(const masting_model *m, int i, int j) {
  return i >= m->nparams && j >= 0 && j < m->nparams && m->params[j].hidden;
}

static masting_status check_names(const masting_model *m, mst_error *err) {
  const char *names[MST_MAX_SIZES + MST_MAX_DATA + MST_MAX_OUTPUTS];
  int n = 0;
  for (int i = 0; i < m->nsizes; i++) {
    if (bad_name(m->sizes[i].name)) return BROKEN(err, m, "size %d has no name", i);
    names[n++] = m->sizes[i].name;
  }
  for (int i = 0; i < m->ndata; i++) names[n++] = m->data[i].name;
  for (int i = 0; i < m->nparams; i++) names[n++] = m->params[i].name;
  const int shown = m->nsizes + m->ndata;
  for (int i = 0; i < m->nderived; i++) names[n++] = m->derived[i].name;
  for (int i = 0; i < m->nrow_derived; i++) names[n++] = m->row_derived[i].name;
  for (int i = 0; i < n; i++)
    for (int j = 0; j < i; j++)
      if (!strcmp(names[i], names[j]) && !replaces(m, i - shown, j - shown))
        return BROKEN(err, m, "the name %s is used twice; expected distinct names", names[i]);
  return MASTING_OK;
}

static masting_status check_made(const masting_model *m, const masting_data *d, mst_error *err) {
  int count;
  const bool sharded = shard_dim(m, d->ndims, d->dims, &count) >= 0;
  if (d->made && (!sharded || !m->nphases))
    return BROKEN(err, m, "data %s: made but %s", d->name,
                  sharded ? "there is no phase to make it; expected nphases of at least 1"
                          : "without the sharded size; expected it among its dimensions");
  for (int i = 0; !d->made && i < d->ndims; i++)
    if (m->sizes[d->dims[i]].computed)
      return BROKEN(err, m,
                    "data %s: its size %s is computed; expected sizes that are read, or made "
                    "data",
                    d->name, m->sizes[d->dims[i]].name);
  if (!d->made && d->upper_size != MASTING_NO_SIZE && m->sizes[d->upper_size].computed)
    return BROKEN(err, m, "data %s: its upper_size %s is computed; expected one that is read",
                  d->name, m->sizes[d->upper_size].name);
  return MASTING_OK;
}

static masting_status check_data(const masting_model *m, mst_error *err) {
  for (int i = 0; i < m->ndata; i++) {
    const masting_data *d = &m->data[i];
    if (check_dims(m, "data", d->name, d->ndims, d->dims, err)) return err->status;
    if (d->type != MASTING_F64 && d->type != MASTING_F32 && d->type != MASTING_I32)
      return BROKEN(err, m, "data %s: unknown type; expected MASTING_F64, F32 or I32, got %d",
                    d->name, (int)d->type);
    if (!(d->lower <= d->upper))
      return BROKEN(err, m,
                    "data %s: no value is within its bounds; expected lower <= upper, got "
                    "[%g, %g]",
                    d->name, d->lower, d->upper);
    if (d->upper_size != MASTING_NO_SIZE && (d->upper_size < 0 || d->upper_size >= m->nsizes))
      return BROKEN(err, m,
                    "data %s: upper_size is no size; expected 0 to %d or MASTING_NO_SIZE, got "
                    "%d",
                    d->name, m->nsizes - 1, d->upper_size);
    if (check_made(m, d, err)) return err->status;
  }
  return MASTING_OK;
}

static masting_status check_transform(const masting_model *m, const masting_param *p,
                                      mst_error *err) {
  switch (p->transform) {
  case MASTING_IDENTITY:
    return MASTING_OK;
  case MASTING_LOWER:
    if (!isfinite(p->lower))
      return BROKEN(err, m, "parameter %s: expected a finite lower bound, got %g", p->name,
                    p->lower);
    return MASTING_OK;
  case MASTING_UPPER:
    if (!isfinite(p->upper))
      return BROKEN(err, m, "parameter %s: expected a finite upper bound, got %g", p->name,
                    p->upper);
    return MASTING_OK;
  case MASTING_INTERVAL:
    if (!isfinite(p->lower) || !isfinite(p->upper) || !(p->lower < p->upper))
      return BROKEN(err, m, "parameter %s: expected finite bounds with lower < upper, got [%g, %g]",
                    p->name, p->lower, p->upper);
    return MASTING_OK;
  case MASTING_ORDERED:
  case MASTING_POSITIVE_ORDERED:
    if (!p->ndims)
      return BROKEN(err, m, "parameter %s: an ordered transform of a scalar; expected a dimension",
                    p->name);
    if (p->dims[p->ndims - 1] == m->shard)
      return BROKEN(err, m,
                    "parameter %s: ordered along the sharded size %s; expected another last "
                    "dimension",
                    p->name, m->sizes[m->shard].name);
    return MASTING_OK;
  }
  return BROKEN(err, m, "parameter %s: unknown transform %d", p->name, (int)p->transform);
}

static masting_status check_params(const masting_model *m, mst_error *err) {
  for (int i = 0; i < m->nparams; i++) {
    const masting_param *p = &m->params[i];
    if (check_dims(m, "parameter", p->name, p->ndims, p->dims, err)) return err->status;
    if (check_transform(m, p, err)) return err->status;
    if (p->integer)
      return BROKEN(err, m, "parameter %s: whole numbers; expected real ones", p->name);
  }
  return MASTING_OK;
}

/* Shared values and derived quantities: replicated, row-major. */
static masting_status check_replicated(const masting_model *m, const char *kind,
                                       const masting_param *p, mst_error *err) {
  int count;
  if (check_dims(m, kind, p->name, p->ndims, p->dims, err)) return err->status;
  if (shard_dim(m, p->ndims, p->dims, &count) >= 0)
    return BROKEN(err, m,
                  "%s %s: it has the sharded size; expected a function of the global "
                  "parameters",
                  kind, p->name);
  if (p->column_major)
    return BROKEN(err, m, "%s %s: column-major; expected row-major", kind, p->name);
  return MASTING_OK;
}

static masting_status check_derived(const masting_model *m, mst_error *err) {
  int count;
  for (int i = 0; i < m->nshared; i++)
    if (check_replicated(m, "shared value", &m->shared[i], err)) return err->status;
  for (int i = 0; i < m->nderived; i++)
    if (check_replicated(m, "derived quantity", &m->derived[i], err)) return err->status;
  for (int i = 0; i < m->nrow_derived; i++) {
    const masting_param *p = &m->row_derived[i];
    if (check_dims(m, "row-derived quantity", p->name, p->ndims, p->dims, err)) return err->status;
    if (shard_dim(m, p->ndims, p->dims, &count) < 0)
      return BROKEN(err, m,
                    "row-derived quantity %s: without the sharded size; expected it among its "
                    "dimensions",
                    p->name);
  }
  return MASTING_OK;
}

static masting_status check_normal(const masting_model *m, const masting_normal *n,
                                   mst_error *err) {
  if (bad_name(n->name)) return BROKEN(err, m, "a normal without a name");
  if (n->order < 0 || n->order >= m->nsizes)
    return BROKEN(err, m, "normal %s: its order is no size; expected 0 to %d, got %d", n->name,
                  m->nsizes - 1, n->order);
  if (n->ninputs < 0 || n->ninputs > MASTING_MAX_PARAMS || (n->ninputs && !n->inputs))
    return BROKEN(err, m,
                  "normal %s: wrong number of inputs, or no list of them; expected 0 to %d, got %d",
                  n->name, MASTING_MAX_PARAMS, n->ninputs);
  if (!n->covariance || (n->ninputs && !n->slopes))
    return BROKEN(err, m,
                  "normal %s: a function is missing; expected covariance and slopes, got NULL",
                  n->name);
  for (int i = 0; i < n->ninputs; i++)
    if (check_replicated(m, "input of a normal", &n->inputs[i], err)) return err->status;
  return MASTING_OK;
}

static masting_status check_gather(const masting_model *m, const masting_gather *g,
                                   mst_error *err) {
  if (m->shard == MASTING_NO_SIZE)
    return BROKEN(err, m, "a gather but no sharded size; expected rows to gather over");
  if (g->data < 0 || g->data >= m->ndata)
    return BROKEN(err, m, "gather: its index is no data variable; expected 0 to %d, got %d",
                  m->ndata - 1, g->data);
  const masting_data *d = &m->data[g->data];
  if (d->type != MASTING_I32 || d->ndims != 1 || d->dims[0] != m->shard)
    return BROKEN(err, m, "gather by %s: expected one MASTING_I32 a row, got another type or shape",
                  d->name);
  if (g->nparams < 1 || g->nparams > MASTING_MAX_GATHER)
    return BROKEN(err, m, "gather by %s: wrong number of parameters; expected 1 to %d, got %d",
                  d->name, MASTING_MAX_GATHER, g->nparams);
  const masting_param *from = m->nshared ? m->shared : m->params;
  const int most = m->nshared ? m->nshared : m->nparams;
  for (int i = 0; i < g->nparams; i++) {
    if (g->params[i] < 0 || g->params[i] >= most)
      return BROKEN(err, m, "gather by %s: parameter %d is not there; expected 0 to %d, got %d",
                    d->name, i + 1, most - 1, g->params[i]);
    const masting_param *p = &from[g->params[i]], *first = &from[g->params[0]];
    int count;
    if (!p->ndims || p->dims[0] != first->dims[0] || shard_dim(m, p->ndims, p->dims, &count) >= 0)
      return BROKEN(err, m,
                    "gather by %s: parameter %s has another shape; expected %s as its first "
                    "dimension, and not the sharded size",
                    d->name, p->name, first->ndims ? m->sizes[first->dims[0]].name : "one size");
    if (p->column_major && p->ndims > 1)
      return BROKEN(err, m,
                    "gather by %s: parameter %s is column-major; expected the elements of a "
                    "group side by side",
                    d->name, p->name);
    for (int j = 0; j < i; j++)
      if (g->params[j] == g->params[i])
        return BROKEN(err, m, "gather by %s: parameter %s is picked twice; expected once", d->name,
                      p->name);
  }
  return MASTING_OK;
}

masting_status mst_model_check(const masting_model *m, mst_error *err) {
  if (check_counts(m, err) || check_functions(m, err) || check_data(m, err) ||
      check_params(m, err) || check_derived(m, err) || check_names(m, err))
    return err->status;
  for (int i = 0; i < m->ngathers; i++)
    if (check_gather(m, &m->gathers[i], err)) return err->status;
  for (int i = 0; i < m->nnormals; i++)
    if (check_normal(m, &m->normals[i], err)) return err->status;
  return MASTING_OK;
}
