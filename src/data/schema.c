/* data/schema.c -- see schema.h.
 *
 * A size comes from --size, or a scalar of that name in the file, or a shape, or the model's
 * fallback: the first that there is. Every shape is then held against it, and a contradiction is
 * refused; --size and a scalar alone may differ, since no shape says which is right.
 */
#include "data/schema.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "data/h5.h"

typedef struct origin { /* where a size's value came from, for messages */
  char text[200];       /* "y has shape [100]"; empty: not known yet */
} origin;

typedef struct maker {
  mst_schema *schema;
  const masting_model *model;
  const mst_source *source;
  const char *path;
  origin from[MST_MAX_SIZES];
  mst_found found[MST_MAX_DATA];
} maker;

int mst_type_bytes(masting_type type) { return type == MASTING_F64 ? 8 : 4; }

const char *mst_declared(char *text, size_t size, const masting_model *model, int ndims,
                         const int *dims, const char *name) {
  size_t used = 0;
  int n = snprintf(text, size, "%s", name);
  for (int i = 0; i <= ndims && n > 0 && (used += (size_t)n) < size; i++) {
    if (i < ndims)
      n = snprintf(text + used, size - used, "%c%s", i ? ',' : '[', model->sizes[dims[i]].name);
    else if (ndims)
      n = snprintf(text + used, size - used, "]");
  }
  return text;
}

static const char *declared(const maker *p, int var, char text[128]) {
  const masting_data *d = &p->model->data[var];
  return mst_declared(text, 128, p->model, d->ndims, d->dims, d->name);
}

static bool known(const maker *p, int size) { return p->from[size].text[0] != '\0'; }

static void learn(maker *p, int size, int64_t value, const char *from) {
  p->schema->size[size] = value;
  snprintf(p->from[size].text, sizeof p->from[size].text, "%.*s",
           (int)sizeof p->from[size].text - 1, from);
}

/* The smallest value that a size may have. */
static int least(const masting_model *m, int size) { return m->sizes[size].zero ? 0 : 1; }

static bool is_scalar(const masting_model *m, const char *name) {
  for (int v = 0; v < m->ndata; v++)
    if (m->data[v].ndims == 0 && !m->data[v].made && !strcmp(m->data[v].name, name)) return true;
  return false;
}

static masting_status take_overrides(maker *p, const mst_read_options *options, mst_error *err) {
  const masting_model *m = p->model;
  for (int i = 0; options && i < options->nsizes; i++) {
    const mst_size_value *o = &options->sizes[i];
    const char *name = o->name, *names[MST_MAX_SIZES + MST_MAX_DATA + 1] = {NULL};
    const char *option = o->data ? "--data" : "--size";
    int at = 0, given = 0;
    while (at < m->nsizes && (m->sizes[at].computed || strcmp(m->sizes[at].name, name) != 0)) at++;
    char list[300] = "", from[100];
    for (int s = 0; s < m->nsizes; s++) {
      if (m->sizes[s].computed) continue;
      size_t used = strlen(list);
      snprintf(list + used, sizeof list - used, "%s%s", given ? ", " : "", m->sizes[s].name);
      names[given++] = m->sizes[s].name;
    }
    if (at == m->nsizes && p->source && is_scalar(m, name)) continue; /* read as data are */
    for (int v = 0; v < m->ndata; v++) {
      if (!p->source || m->data[v].ndims || m->data[v].made) continue;
      size_t used = strlen(list);
      snprintf(list + used, sizeof list - used, "%s%s", given ? ", " : "", m->data[v].name);
      names[given++] = m->data[v].name;
    }
    if (at == m->nsizes) {
      const char *near = mst_source_meant(name, names);
      return mst_fail(err, MASTING_ERR_USAGE,
                      "%s %s: model %s has no such %s; expected one of %s%s%s%s", option, name,
                      m->name, o->data ? "size or scalar" : "size", given ? list : "none",
                      near ? "; did you mean " : "", near ? near : "", near ? "?" : "");
    }
    if (o->data && !o->whole)
      return mst_fail(err, MASTING_ERR_USAGE, "--data %s: a size; expected a whole number, got %g",
                      name, o->real);
    if (o->value < least(m, at))
      return mst_fail(err, MASTING_ERR_USAGE, "%s %s: expected at least %d, got %" PRId64, option,
                      name, least(m, at), o->value);
    snprintf(from, sizeof from, "%s %s=%" PRId64, option, name, o->value);
    learn(p, at, o->value, from);
  }
  return MASTING_OK;
}

/* Does the shape fit the sizes known so far, with dims i and j of the file exchanged? */
static bool fits(const maker *p, const masting_data *d, const int64_t *dims, int i, int j) {
  for (int k = 0; k < d->ndims; k++) {
    int64_t got = dims[k == i ? j : k == j ? i : k];
    if (known(p, d->dims[k]) && p->schema->size[d->dims[k]] != got) return false;
  }
  return true;
}

static bool transposed(const maker *p, const masting_data *d, const int64_t *dims) {
  for (int i = 0; i < d->ndims; i++)
    for (int j = 0; j < i; j++)
      if (dims[i] != dims[j] && fits(p, d, dims, i, j)) return true;
  return false;
}

static masting_status fail_rank(const maker *p, int var, mst_error *err) {
  const masting_data *d = &p->model->data[var];
  const mst_found *f = &p->found[var];
  char wanted[128], shape[128];
  return mst_fail(err, MASTING_ERR_DATA,
                  "%s: %s: wrong shape; expected %s with %d dimension%s, got %s; try %s", p->path,
                  d->name, declared(p, var, wanted), d->ndims, d->ndims == 1 ? "" : "s",
                  mst_shape_text(shape, sizeof shape, f->ndims, f->dims),
                  f->ndims > d->ndims ? "removing the dimensions of length 1"
                                      : "reshaping it, a single column to [rows, 1]");
}

/* Nothing in it, and not all dimensions: JSON's [] may be an array of any shape without elements.
 */
static bool hollow(const maker *p, int var) {
  const mst_found *f = &p->found[var];
  return f->ndims > 0 && f->ndims < p->model->data[var].ndims && f->dims[f->ndims - 1] == 0;
}

/* Is one of the known sizes 0, in agreement with a file that has no elements? */
static bool agreed_empty(const maker *p, int var) {
  const masting_data *d = &p->model->data[var];
  const mst_found *f = &p->found[var];
  bool empty = false, none = false;
  for (int i = 0; i < f->ndims; i++) empty |= f->dims[i] == 0;
  for (int i = 0; i < d->ndims; i++)
    none |= known(p, d->dims[i]) && p->schema->size[d->dims[i]] == 0;
  return empty && none && f->ndims <= d->ndims;
}

/* Sizes from one variable's shape; one that contradicts what is known is refused. */
static masting_status take_shape(maker *p, int var, mst_error *err) {
  const masting_data *d = &p->model->data[var];
  const mst_found *f = &p->found[var];
  bool one = d->ndims == 0 && f->ndims == 1 && f->dims[0] == 1;
  if (f->ndims != d->ndims && !one && !hollow(p, var)) return fail_rank(p, var, err);
  if (hollow(p, var) && agreed_empty(p, var)) return MASTING_OK;
  char wanted[128], shape[128], from[300];
  mst_shape_text(shape, sizeof shape, f->ndims, f->dims);
  for (int i = 0; i < d->ndims && i < f->ndims; i++) {
    int s = d->dims[i];
    const char *name = p->model->sizes[s].name;
    if (known(p, s) && p->schema->size[s] != f->dims[i] && agreed_empty(p, var)) return MASTING_OK;
    if (known(p, s) && p->schema->size[s] != f->dims[i])
      return mst_fail(
          err, MASTING_ERR_DATA,
          "%s: %s: wrong shape; expected %s with %s = %" PRId64 " since %s, got %s%s", p->path,
          d->name, declared(p, var, wanted), name, p->schema->size[s], p->from[s].text, shape,
          transposed(p, d, f->dims) ? "; it fits with its dimensions exchanged: is it transposed?"
          : strncmp(p->from[s].text, "--size", 6) == 0 ? "; try leaving --size out"
          : strncmp(p->from[s].text, "--data", 6) == 0 ? "; try leaving --data out"
                                                       : "");
    if (f->dims[i] < least(p->model, s))
      return mst_fail(err, MASTING_ERR_DATA,
                      "%s: %s: no %s; expected %s with %s at least 1, got %s", p->path, d->name,
                      s == p->model->shard ? "rows" : "elements", declared(p, var, wanted), name,
                      shape);
    snprintf(from, sizeof from, "%s has shape %s", d->name, shape);
    if (!known(p, s)) learn(p, s, f->dims[i], from);
  }
  return MASTING_OK;
}

/* Vectors first: their one size is beyond doubt, so a matrix that disagrees is the one to blame.
 * Hollow ones last: they say least. */
static masting_status take_shapes(maker *p, mst_error *err) {
  char wanted[128];
  for (int i = 0; i < p->model->ndata; i++)
    if (!p->model->data[i].made &&
        mst_source_find(p->source, p->path, p->model->data[i].name, declared(p, i, wanted),
                        &p->found[i], err) != MASTING_OK)
      return err->status;
  for (int ndims = 0; ndims <= MASTING_MAX_DIMS + 1; ndims++)
    for (int i = 0; i < p->model->ndata; i++) {
      int turn = hollow(p, i) ? MASTING_MAX_DIMS + 1 : p->model->data[i].ndims;
      if (turn == ndims && !p->model->data[i].made && take_shape(p, i, err) != MASTING_OK)
        return err->status;
    }
  return MASTING_OK;
}

/* A scalar of that name: the value of a size that nothing else knows, a witness against shapes.
 * With a matrix alone the scalars are what tells that it is transposed, so they come before shapes.
 */
static masting_status take_scalars(maker *p, mst_error *err) {
  for (int s = 0; s < p->model->nsizes; s++) {
    const char *name = p->model->sizes[s].name;
    int64_t value;
    bool there;
    char from[200];
    if (known(p, s) || p->model->sizes[s].computed) continue;
    if (mst_source_size(p->source, p->path, name, &value, &there, err) != MASTING_OK)
      return err->status;
    if (!there) continue;
    snprintf(from, sizeof from, "the file says %s = %" PRId64, name, value);
    if (value < least(p->model, s))
      return mst_fail(err, MASTING_ERR_DATA, "%s: size %s; expected at least %d, got %" PRId64,
                      p->path, name, least(p->model, s), value);
    learn(p, s, value, from);
  }
  return MASTING_OK;
}

/* Sizes that an empty list leaves open, of variables without elements: it does not matter. How many
 * rows there are does. */
static void take_hollow(maker *p) {
  for (int v = 0; v < p->model->ndata; v++) {
    const masting_data *d = &p->model->data[v];
    if (d->made || !p->source || !hollow(p, v) || !agreed_empty(p, v)) continue;
    for (int i = 0; i < d->ndims; i++)
      if (!known(p, d->dims[i]) && d->dims[i] != p->model->shard)
        learn(p, d->dims[i], 0, "it has no elements");
  }
}

static masting_status take_fallbacks(maker *p, mst_error *err) {
  take_hollow(p);
  for (int s = 0; s < p->model->nsizes; s++) {
    const masting_size *size = &p->model->sizes[s];
    if (size->computed) continue;
    if (!known(p, s) && size->fallback) learn(p, s, size->fallback, "of the model");
    if (!known(p, s))
      return mst_fail(err, !p->source ? MASTING_ERR_USAGE : MASTING_ERR_DATA,
                      "%s: size %s (%s) is not known; expected %s; try --size %s=VALUE",
                      !p->source ? p->model->name : p->path, size->name,
                      size->doc ? size->doc : "no description",
                      !p->source        ? "a value for it"
                      : p->source->text ? "a number of that name"
                                        : "a scalar dataset of that name",
                      size->name);
    if (p->schema->size[s] < least(p->model, s))
      return mst_fail(err, MASTING_ERR_DATA, "%s: size %s; expected at least %d, got %" PRId64,
                      p->path, size->name, least(p->model, s), p->schema->size[s]);
  }
  return MASTING_OK;
}

/* float32 stays float32 where the model takes it: half the memory and half the time to read it. */
static masting_type memory_type(const masting_data *d, const mst_found *f, int float32) {
  if (d->type != MASTING_F32) return d->type;
  return float32 || f->bytes <= (f->whole ? 2 : 4) ? MASTING_F32 : MASTING_F64;
}

static masting_status want_variable(maker *p, int var, int float32, mst_error *err) {
  const masting_data *d = &p->model->data[var];
  int64_t bytes = 8;
  const mst_found *f = &p->found[var];
  mst_var_schema *v = &p->schema->var[var];
  v->shard_dim = -1;
  v->before = v->after = 1;
  for (int i = 0; i < d->ndims; i++) {
    v->dims[i] = p->schema->size[d->dims[i]];
    if (__builtin_mul_overflow(bytes, v->dims[i], &bytes))
      return mst_fail(err, MASTING_ERR_MEMORY,
                      "%s: too large for any machine; try a smaller size %s", d->name,
                      p->model->sizes[d->dims[i]].name);
    if (v->shard_dim < 0 && d->dims[i] == p->model->shard) {
      v->shard_dim = i;
      v->before = v->after;
      v->after = 1;
    } else {
      v->after *= v->dims[i];
    }
  }
  const bool read = p->source != NULL && !d->made;
  v->ndims = read ? f->ndims : d->ndims;
  if (v->ndims > d->ndims) v->dims[0] = 1;
  v->type = read ? memory_type(d, f, float32) : d->type;
  v->whole = f->whole;
  v->narrow = f->whole && f->bytes <= (f->is_signed ? 4 : 2);
  return MASTING_OK;
}

masting_status mst_schema_make(mst_schema *schema, const masting_model *model,
                               const mst_source *source, const char *path,
                               const mst_read_options *options, mst_error *err) {
  maker p = {.schema = schema, .model = model, .source = source, .path = path};
  memset(schema, 0, sizeof *schema);
  if (take_overrides(&p, options, err) != MASTING_OK) return err->status;
  if (source) {
    if (take_scalars(&p, err) != MASTING_OK || take_shapes(&p, err) != MASTING_OK)
      return err->status;
  }
  if (take_fallbacks(&p, err) != MASTING_OK) return err->status;
  for (int i = 0; i < model->ndata && err->status == MASTING_OK; i++)
    want_variable(&p, i, options ? options->float32 : 0, err);
  return err->status;
}

masting_status mst_given_scalars(mst_source *source, const mst_read_options *options,
                                 mst_error *err) {
  for (int i = 0; options && i < options->nsizes && !err->status; i++) {
    const mst_size_value *v = &options->sizes[i];
    if (v->data)
      mst_source_give(source, v->name, v->real, v->whole, err);
    else
      mst_source_give(source, v->name, (double)v->value, true, err);
  }
  return err->status;
}
