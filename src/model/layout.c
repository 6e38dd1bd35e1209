/* model/layout.c -- see model.h: a model's shapes checked against the ABI and turned into offsets. */
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
    return mst_fail(err, MASTING_ERR_MODEL,
                    "model: built for another ABI; expected number %d, got %d; try compiling it again "
                    "with this version's masting/model_abi.h",
                    MASTING_ABI, m->abi);
  if (bad_name(m->name))
    return mst_fail(err, MASTING_ERR_MODEL, "model: it has no name; try setting masting_model.name");
  if (m->lanes != 1 && m->lanes != 2 && m->lanes != 4 && m->lanes != 8 && m->lanes != 16)
    return BROKEN(err, m, "wrong lanes; expected 1, 2, 4, 8 or 16, got %d", m->lanes);
  const struct {
    const char *what;
    int n, most;
    const void *list;
  } lists[] = {{"sizes", m->nsizes, MST_MAX_SIZES, m->sizes},
               {"data variables", m->ndata, MST_MAX_DATA, m->data},
               {"parameters", m->nparams, MST_MAX_PARAMS, m->params},
               {"derived quantities", m->nderived, MASTING_MAX_DERIVED, m->derived},
               {"gathers", m->ngathers, MASTING_MAX_GATHER, m->gathers}};
  for (size_t i = 0; i < sizeof lists / sizeof lists[0]; i++) {
    if (lists[i].n < 0 || lists[i].n > lists[i].most)
      return BROKEN(err, m, "wrong number of %s; expected 0 to %d, got %d", lists[i].what,
                    lists[i].most, lists[i].n);
    if (lists[i].n && !lists[i].list)
      return BROKEN(err, m, "a number of %s but no list of them; expected %d, got NULL",
                    lists[i].what, lists[i].n);
  }
  if (!m->nparams) return BROKEN(err, m, "no parameters; expected at least 1, got 0");
  if (m->nderived && !m->derive)
    return BROKEN(err, m, "derived quantities but no function for them; expected derive, got NULL");
  if (m->shard != MASTING_NO_SIZE && (m->shard < 0 || m->shard >= m->nsizes))
    return BROKEN(err, m, "wrong sharded size; expected 0 to %d or MASTING_NO_SIZE, got %d",
                  m->nsizes - 1, m->shard);
  if (m->shard != MASTING_NO_SIZE && !m->rows)
    return BROKEN(err, m, "a sharded size but no function for rows; expected rows, got NULL");
  if (m->shard == MASTING_NO_SIZE && !m->global)
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
    return BROKEN(err, m, "%s %s: more than one dimension is the sharded size %s; expected 1, got %d",
                  kind, name, m->sizes[m->shard].name, count);
  return MASTING_OK;
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
  for (int i = 0; i < m->nderived; i++) names[n++] = m->derived[i].name;
  for (int i = 0; i < n; i++)
    for (int j = 0; j < i; j++)
      if (!strcmp(names[i], names[j]))
        return BROKEN(err, m, "the name %s is used twice; expected distinct names", names[i]);
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
      return BROKEN(err, m, "data %s: no value is within its bounds; expected lower <= upper, got "
                    "[%g, %g]", d->name, d->lower, d->upper);
    if (d->upper_size != MASTING_NO_SIZE && (d->upper_size < 0 || d->upper_size >= m->nsizes))
      return BROKEN(err, m, "data %s: upper_size is no size; expected 0 to %d or MASTING_NO_SIZE, got "
                    "%d", d->name, m->nsizes - 1, d->upper_size);
  }
  return MASTING_OK;
}

static masting_status check_transform(const masting_model *m, const masting_param *p,
                                      mst_error *err) {
  switch (p->transform) {
  case MASTING_IDENTITY: return MASTING_OK;
  case MASTING_LOWER:
    if (!isfinite(p->lower))
      return BROKEN(err, m, "parameter %s: expected a finite lower bound, got %g", p->name, p->lower);
    return MASTING_OK;
  case MASTING_UPPER:
    if (!isfinite(p->upper))
      return BROKEN(err, m, "parameter %s: expected a finite upper bound, got %g", p->name, p->upper);
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
      return BROKEN(err, m, "parameter %s: ordered along the sharded size %s; expected another last "
                    "dimension", p->name, m->sizes[m->shard].name);
    return MASTING_OK;
  }
  return BROKEN(err, m, "parameter %s: unknown transform %d", p->name, (int)p->transform);
}

static masting_status check_params(const masting_model *m, mst_error *err) {
  for (int i = 0; i < m->nparams; i++) {
    const masting_param *p = &m->params[i];
    if (check_dims(m, "parameter", p->name, p->ndims, p->dims, err)) return err->status;
    if (check_transform(m, p, err)) return err->status;
  }
  return MASTING_OK;
}

static masting_status check_derived(const masting_model *m, mst_error *err) {
  for (int i = 0; i < m->nderived; i++) {
    const masting_param *p = &m->derived[i];
    int count;
    if (check_dims(m, "derived quantity", p->name, p->ndims, p->dims, err)) return err->status;
    if (shard_dim(m, p->ndims, p->dims, &count) >= 0)
      return BROKEN(err, m, "derived quantity %s: it has the sharded size; expected a function of the "
                    "global parameters", p->name);
    if (p->column_major)
      return BROKEN(err, m, "derived quantity %s: column-major; expected row-major", p->name);
  }
  return MASTING_OK;
}

static masting_status check_gather(const masting_model *m, const masting_gather *g, mst_error *err) {
  if (m->shard == MASTING_NO_SIZE)
    return BROKEN(err, m, "a gather but no sharded size; expected rows to gather over");
  if (g->data < 0 || g->data >= m->ndata)
    return BROKEN(err, m, "gather: its index is no data variable; expected 0 to %d, got %d",
                  m->ndata - 1, g->data);
  const masting_data *d = &m->data[g->data];
  if (d->type != MASTING_I32 || d->ndims != 1 || d->dims[0] != m->shard)
    return BROKEN(err, m, "gather by %s: expected one MASTING_I32 a row, got another type or shape",
                  d->name);
  if (d->upper_size == MASTING_NO_SIZE || d->lower < 1)
    return BROKEN(err, m, "gather by %s: its bounds do not keep it in range; expected lower >= 1 and an "
                  "upper_size", d->name);
  if (g->nparams < 1 || g->nparams > MASTING_MAX_GATHER)
    return BROKEN(err, m, "gather by %s: wrong number of parameters; expected 1 to %d, got %d",
                  d->name, MASTING_MAX_GATHER, g->nparams);
  for (int i = 0; i < g->nparams; i++) {
    if (g->params[i] < 0 || g->params[i] >= m->nparams)
      return BROKEN(err, m, "gather by %s: parameter %d is not there; expected 0 to %d, got %d",
                    d->name, i + 1, m->nparams - 1, g->params[i]);
    const masting_param *p = &m->params[g->params[i]];
    if (p->ndims != 1 || p->dims[0] != d->upper_size || p->dims[0] == m->shard)
      return BROKEN(err, m, "gather by %s: parameter %s has another shape; expected [%s]", d->name,
                    p->name, m->sizes[d->upper_size].name);
  }
  return MASTING_OK;
}

/* A parameter that two gathers pick from, or one twice, would get its gradient in two places. */
static masting_status check_gathers(const masting_model *m, mst_error *err) {
  bool taken[MST_MAX_PARAMS] = {false};
  for (int i = 0; i < m->ngathers; i++) {
    const masting_gather *g = &m->gathers[i];
    if (check_gather(m, g, err)) return err->status;
    for (int j = 0; j < g->nparams; j++) {
      if (taken[g->params[j]])
        return BROKEN(err, m, "parameter %s is gathered twice; expected once",
                      m->params[g->params[j]].name);
      taken[g->params[j]] = true;
    }
  }
  return MASTING_OK;
}

static masting_status check_sizes(const masting_model *m, const int64_t *size, mst_error *err) {
  for (int i = 0; i < m->nsizes; i++)
    if (size[i] < 1)
      return mst_fail(err, MASTING_ERR_DATA,
                      "size %s: too small; expected at least 1, got %lld; try --size %s=VALUE or "
                      "other data", m->sizes[i].name, (long long)size[i], m->sizes[i].name);
  return MASTING_OK;
}

/* Adds one parameter or derived quantity to the layout; a product that does not fit 62 bits is refused. */
static masting_status place(mst_layout *l, int i, mst_error *err) {
  const masting_param *p = mst_layout_output(l, i);
  mst_param_layout *q = &l->param[i];
  int count;
  *q = (mst_param_layout){.before = 1, .after = 1, .elements = 1};
  q->shard_dim = shard_dim(l->model, p->ndims, p->dims, &count);
  q->local = q->shard_dim >= 0;
  for (int d = 0; d < p->ndims; d++) {
    q->dims[d] = l->size[p->dims[d]];
    if (d == q->shard_dim) continue;
    if (__builtin_mul_overflow(q->elements, q->dims[d], &q->elements) ||
        q->elements > (INT64_C(1) << 56))
      return mst_fail(err, MASTING_ERR_DATA, "parameter %s: too many elements to count; try smaller "
                      "sizes", p->name);
    if (q->local) *(d < q->shard_dim ? &q->before : &q->after) *= q->dims[d];
  }
  if (i >= l->model->nparams) {
    q->offset = l->globals + l->derived;
    l->derived += q->elements;
    return MASTING_OK;
  }
  int64_t *total = q->local ? &l->locals : &l->globals;
  q->offset = *total;
  *total += q->elements;
  if (q->local && p->transform != MASTING_IDENTITY) l->local_transforms = true;
  return MASTING_OK;
}

masting_status mst_layout_make(mst_layout *layout, const masting_model *model, const int64_t *size,
                               mst_error *err) {
  *layout = (mst_layout){.model = model};
  if (check_counts(model, err) || check_data(model, err) || check_params(model, err) ||
      check_derived(model, err) ||
      check_names(model, err) || check_gathers(model, err) || check_sizes(model, size, err))
    return err->status;
  if (model->nsizes) memcpy(layout->size, size, (size_t)model->nsizes * sizeof *size);
  if (model->shard != MASTING_NO_SIZE) layout->n = size[model->shard];
  layout->outputs = model->nparams + model->nderived;
  for (int i = 0; i < layout->outputs; i++)
    if (place(layout, i, err)) return err->status;
  int64_t all;
  if (__builtin_mul_overflow(layout->n, layout->locals, &all) || all > (INT64_C(1) << 60))
    return mst_fail(err, MASTING_ERR_DATA, "model %s: too many row-local elements to count; try fewer "
                    "rows", model->name);
  return MASTING_OK;
}

int64_t mst_layout_elements(const mst_layout *layout) {
  return layout->globals + layout->n * layout->locals;
}

/* Stan's order of a row-local parameter: column-major if it is a matrix, else row-major. */
static void local_from_stan(const mst_layout *l, int param, int64_t i, int64_t *row,
                            int64_t *element) {
  const masting_param *p = &l->model->params[param];
  const mst_param_layout *q = &l->param[param];
  int64_t index[MASTING_MAX_DIMS] = {0};
  for (int s = 0; s < p->ndims; s++) {
    int d = p->column_major ? s : p->ndims - 1 - s;
    index[d] = i % q->dims[d];
    i /= q->dims[d];
  }
  int64_t within = 0;
  for (int d = 0; d < p->ndims; d++)
    if (d != q->shard_dim) within = within * q->dims[d] + index[d];
  *row = index[q->shard_dim];
  *element = q->offset + within;
}

bool mst_layout_from_stan(const mst_layout *layout, int64_t i, int64_t *row, int64_t *element) {
  for (int k = 0; k < layout->model->nparams; k++) {
    const mst_param_layout *q = &layout->param[k];
    int64_t count = q->local ? q->elements * layout->n : q->elements;
    if (i < count) {
      if (q->local) {
        local_from_stan(layout, k, i, row, element);
        return true;
      }
      *row = 0;
      *element = q->offset + i; /* global storage order is Stan's */
      return false;
    }
    i -= count;
  }
  mst_assert_failed(__FILE__, __LINE__, "element number within the layout");
}

int64_t mst_layout_from_row_major(const mst_layout *layout, int param, int64_t r) {
  const masting_param *p = mst_layout_output(layout, param);
  const mst_param_layout *q = &layout->param[param];
  if (!p->column_major) return r;
  int64_t stride = q->elements, element = 0;
  for (int d = p->ndims - 1; d >= 0; d--) {
    stride /= q->dims[d];
    element += r % q->dims[d] * stride;
    r /= q->dims[d];
  }
  return element;
}
