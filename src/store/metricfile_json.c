/* store/metricfile_json.c -- a metric file as JSON: see metricfile.h. */
#define _GNU_SOURCE
#include <errno.h>
#include <inttypes.h>
#include <jansson.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/file.h"
#include "base/mem.h"
#include "data/h5_layout.h"
#include "store/metricfile_impl.h"

#define KEY(name) MST_METRICFILE_PREFIX name
#define MATRIX_MOST                                                                                \
  1000 /* low rank: CmdStan is given the whole matrix up to that many parameters */

/* ---- reading ---- */

static const char *kind_of(const json_t *v) {
  static const char *const names[] = {"an object", "an array", "text",  "a number",
                                      "a number",  "true",     "false", "null"};
  return json_typeof(v) <= JSON_NULL ? names[json_typeof(v)] : "something else";
}

/* A number, or one of the texts for what is not finite. */
static bool number_of(const json_t *v, double *x) {
  static const struct {
    const char *text;
    double value;
  } others[] = {{"NaN", NAN},
                {"Inf", INFINITY},
                {"Infinity", INFINITY},
                {"-Inf", -INFINITY},
                {"-Infinity", -INFINITY}};
  const char *text = json_string_value(v);
  if (json_is_number(v)) {
    *x = json_number_value(v);
    return true;
  }
  for (size_t i = 0; text && i < sizeof others / sizeof *others; i++)
    if (!strcmp(text, others[i].text)) {
      *x = others[i].value;
      return true;
    }
  return false;
}

/* An array of numbers into x[count], NULL: allocated, *count is set. row: of a matrix, counted from
 * 1; 0: none. */
static masting_status vector_of(const json_t *v, const char *path, const char *key, size_t row,
                                double **x, int64_t *count, mst_error *err) {
  char where[100], item[32];
  snprintf(where, sizeof where, row ? "%s: row %zu" : "%s", key, row);
  if (!json_is_array(v))
    return mst_fail(err, MASTING_ERR_FORMAT, "%s: %s: expected an array of numbers, got %s", path,
                    where, kind_of(v));
  const size_t n = json_array_size(v);
  if (!*x) {
    *count = (int64_t)n;
    if (mst_alloc((void **)x, n, sizeof **x, "metric", err) != MASTING_OK) return err->status;
  } else if (*count != (int64_t)n) {
    return mst_fail(err, MASTING_ERR_FORMAT, "%s: %s: expected %" PRId64 " numbers, got %zu", path,
                    where, *count, n);
  }
  for (size_t i = 0; i < n; i++) {
    snprintf(item, sizeof item, "element %zu", i + 1);
    if (!number_of(json_array_get(v, i), *x + i))
      return mst_fail(err, MASTING_ERR_FORMAT, "%s: %s: %s: expected a number, got %s", path, where,
                      item, kind_of(json_array_get(v, i)));
  }
  return MASTING_OK;
}

/* An array of `rows` arrays of `columns` numbers, one after the other; columns < 0: as many as
 * rows. */
static masting_status matrix_of(const json_t *v, const char *path, const char *key, int64_t columns,
                                double **x, int64_t *rows, mst_error *err) {
  if (!json_is_array(v))
    return mst_fail(err, MASTING_ERR_FORMAT,
                    "%s: %s: expected an array of arrays of numbers, got %s", path, key,
                    kind_of(v));
  *rows = (int64_t)json_array_size(v);
  int64_t n = columns < 0 ? *rows : columns;
  if (mst_alloc((void **)x, (size_t)(*rows * n), sizeof **x, "metric", err) != MASTING_OK)
    return err->status;
  for (int64_t i = 0; i < *rows && err->status == MASTING_OK; i++) {
    double *at = *x + i * n;
    vector_of(json_array_get(v, (size_t)i), path, key, (size_t)i + 1, &at, &n, err);
  }
  return err->status;
}

static const char *type_of(const json_t *root) {
  const json_t *ours = json_object_get(root, KEY("metric_type")),
               *theirs = json_object_get(root, "metric_type");
  return json_string_value(ours ? ours : theirs);
}

static masting_status read_inverse(mst_metricfile_data *m, const json_t *root, const char *path,
                                   mst_error *err) {
  const json_t *v = json_object_get(root, "inv_metric");
  const char *type = type_of(root);
  if (!v)
    return mst_fail(err, MASTING_ERR_FORMAT,
                    "%s: no inv_metric; expected {\"inv_metric\": [...]}, numbers for a diagonal "
                    "or arrays of them for a matrix",
                    path);
  const bool dense = json_is_array(v) && json_is_array(json_array_get(v, 0));
  if (type && ((dense && (!strcmp(type, "diag_e") || !strcmp(type, "unit_e"))) ||
               (!dense && !strcmp(type, "dense_e"))))
    return mst_fail(err, MASTING_ERR_FORMAT,
                    "%s: inv_metric: expected %s, as metric_type is %s, got %s", path,
                    dense ? "an array of numbers" : "an array of arrays", type,
                    dense ? "an array of arrays" : "numbers");
  m->kind = dense ? MST_KIND_DENSE : MST_KIND_DIAGONAL;
  if (dense) return matrix_of(v, path, "inv_metric", -1, &m->inverse, &m->n, err);
  return vector_of(v, path, "inv_metric", 0, &m->inverse, &m->n, err);
}

/* scale[P], eigenvalues[r], directions [P][r]; inv_metric is CmdStan's view of it. */
static masting_status read_low_rank(mst_metricfile_data *m, const json_t *root, const char *path,
                                    mst_error *err) {
  int64_t rank = 0, rows = 0;
  m->kind = MST_KIND_LOW_RANK;
  const char *const keys[] = {KEY("scale"), KEY("eigenvalues"), KEY("directions")};
  for (int i = 0; i < 3; i++)
    if (!json_object_get(root, keys[i]))
      return mst_fail(err, MASTING_ERR_FORMAT, "%s: no %s; expected it, as metric_type is lowrank",
                      path, keys[i]);
  if (vector_of(json_object_get(root, keys[0]), path, keys[0], 0, &m->scale, &m->n, err) !=
          MASTING_OK ||
      vector_of(json_object_get(root, keys[1]), path, keys[1], 0, &m->eigen, &rank, err) !=
          MASTING_OK ||
      matrix_of(json_object_get(root, keys[2]), path, keys[2], rank, &m->directions, &rows, err) !=
          MASTING_OK)
    return err->status;
  m->rank = (int)rank;
  if (rows != m->n)
    return mst_fail(err, MASTING_ERR_FORMAT,
                    "%s: %s: expected %" PRId64 " rows, as many as %s has elements, got %" PRId64,
                    path, keys[2], m->n, keys[0], rows);
  return MASTING_OK;
}

static masting_status read_steps(mst_metricfile_data *m, const json_t *root, const char *path,
                                 mst_error *err) {
  const json_t *one = json_object_get(root, "stepsize"),
               *all = json_object_get(root, KEY("stepsizes"));
  int64_t chains = 0;
  if (one && !number_of(one, &m->step_size))
    return mst_fail(err, MASTING_ERR_FORMAT, "%s: stepsize: expected a number, got %s", path,
                    kind_of(one));
  if (one && m->step_size == 0)
    return mst_fail(err, MASTING_ERR_DATA,
                    "%s: stepsize: element 1: expected a finite number above 0, got 0", path);
  if (all && vector_of(all, path, KEY("stepsizes"), 0, &m->step_sizes, &chains, err) != MASTING_OK)
    return err->status;
  m->chains = (int)chains;
  return MASTING_OK;
}

/* All of them behind each other, each ended by a 0 byte. */
static masting_status read_names(mst_metricfile_found *f, const json_t *root, const char *path,
                                 mst_error *err) {
  const char *const key = KEY("parameters");
  const json_t *all = json_object_get(root, key), *item;
  size_t i, bytes = 0;
  if (!all) return MASTING_OK;
  if (!json_is_array(all))
    return mst_fail(err, MASTING_ERR_FORMAT, "%s: %s: expected an array of names, got %s", path,
                    key, kind_of(all));
  json_array_foreach(all, i, item) {
    if (!json_is_string(item))
      return mst_fail(err, MASTING_ERR_FORMAT, "%s: %s: element %zu: expected a name, got %s", path,
                      key, i + 1, kind_of(item));
    bytes += strlen(json_string_value(item)) + 1;
  }
  f->names = malloc(bytes + 1);
  if (!f->names) return mst_fail(err, MASTING_ERR_MEMORY, "%s: names: out of memory", path);
  char *to = f->names;
  json_array_foreach(all, i, item) to = stpcpy(to, json_string_value(item)) + 1;
  f->nnames = (int64_t)json_array_size(all);
  return MASTING_OK;
}

masting_status mst_metricfile_json_read(mst_metricfile_found *f, const char *path, mst_error *err) {
  json_error_t why;
  json_t *root = json_load_file(path, JSON_REJECT_DUPLICATES, &why);
  if (!root)
    return mst_fail(err, MASTING_ERR_FORMAT,
                    "%s:%d:%d: not JSON: %s; expected an object with inv_metric", path, why.line,
                    why.column, why.text);
  const char *type = json_is_object(root) ? type_of(root) : NULL;
  if (!json_is_object(root))
    mst_fail(err, MASTING_ERR_FORMAT, "%s: expected an object with inv_metric, got %s", path,
             kind_of(root));
  else if (type && !strcmp(type, "lowrank"))
    read_low_rank(&f->data, root, path, err);
  else
    read_inverse(&f->data, root, path, err);
  if (err->status == MASTING_OK && read_steps(&f->data, root, path, err) == MASTING_OK)
    read_names(f, root, path, err);
  json_decref(root);
  return err->status;
}

/* ---- writing ---- */

static void put_numbers(FILE *f, const double *x, int64_t n) {
  putc('[', f);
  for (int64_t i = 0; i < n; i++) fprintf(f, "%s%.17g", i ? ", " : "", x[i]);
  putc(']', f);
}

static void begin_matrix(FILE *f, const char *key) { fprintf(f, ",\n  \"%s\": [", key); }

static void put_row(FILE *f, int64_t i, const double *x, int64_t columns) {
  fputs(i ? ",\n    " : "\n    ", f);
  put_numbers(f, x, columns);
}

static void put_matrix(FILE *f, const char *key, const double *x, int64_t rows, int64_t columns) {
  begin_matrix(f, key);
  for (int64_t i = 0; i < rows; i++) put_row(f, i, x + i * columns, columns);
  fputs("]", f);
}

static void put_vector(FILE *f, const char *key, const double *x, int64_t n) {
  fprintf(f, ",\n  \"%s\": ", key);
  put_numbers(f, x, n);
}

static void put_text(FILE *f, const char *text) {
  json_t *v = json_string(text); /* quotes and escapes; NULL: not UTF-8 */
  char *quoted = v ? json_dumps(v, JSON_ENCODE_ANY) : NULL;
  fputs(quoted ? quoted : "\"?\"", f);
  free(quoted);
  json_decref(v);
}

static void put_names(FILE *f, const mst_layout *l) {
  char name[MST_ELEMENT_NAME];
  fprintf(f, ",\n  \"%s\": [", KEY("parameters"));
  for (int64_t i = 0; i < l->globals; i++) {
    mst_global_name(l, i, name, sizeof name);
    if (i) fputs(", ", f);
    put_text(f, name);
  }
  putc(']', f);
}

typedef struct place {
  FILE *file;
  int64_t columns;
} place;

static void take_row(void *context, int64_t i, const double *c) {
  const place *to = context;
  put_row(to->file, i, c, to->columns);
}

/* Rank 0's part of mst_metricfile_gather_rows. */
static void put_dist(FILE *f, const mst_comm *comm, const mst_metricfile_data *m, double *row) {
  place to = {f, m->n};
  begin_matrix(f, "inv_metric");
  mst_metricfile_gather_rows(comm, m, row, take_row, &to);
  fputs("]", f);
}

static masting_status put_inverse(FILE *f, const mst_metricfile_data *m, mst_error *err) {
  const bool whole =
      m->kind == MST_KIND_DENSE || (m->kind == MST_KIND_LOW_RANK && m->n <= MATRIX_MOST);
  double *c = NULL;
  if (mst_alloc((void **)&c, (size_t)(whole ? m->n * m->n : m->n), sizeof *c, "metric", err) !=
      MASTING_OK)
    return err->status;
  if (whole) {
    mst_metricfile_matrix(m, c);
    put_matrix(f, "inv_metric", c, m->n, m->n);
  } else {
    mst_metricfile_diagonal(m, c);
    put_vector(f, "inv_metric", c, m->n);
  }
  mst_free(&c);
  if (m->kind != MST_KIND_LOW_RANK) return MASTING_OK;
  put_vector(f, KEY("scale"), m->scale, m->n);
  put_vector(f, KEY("eigenvalues"), m->eigen, m->rank);
  put_matrix(f, KEY("directions"), m->directions, m->n, m->rank);
  return MASTING_OK;
}

/* row: room for one, if the matrix is distributed. */
static void put_all(FILE *f, const mst_comm *comm, const mst_metricfile_spec *s, double *row,
                    mst_error *err) {
  const mst_metricfile_data *m = s->metric;
  fprintf(f, "{\n  \"stepsize\": %.17g", m->step_size);
  if (m->dist)
    put_dist(f, comm, m, row);
  else if (put_inverse(f, m, err) != MASTING_OK)
    return;
  fprintf(f, ",\n  \"%s\": \"%s\"", KEY("metric_type"), s->type);
  put_vector(f, KEY("stepsizes"), m->step_sizes, m->chains);
  put_names(f, s->layout);
  for (int i = 0; i < s->nattributes; i++) {
    fprintf(f, ",\n  \"" MST_METRICFILE_PREFIX "%s\": ", s->attributes[i].name);
    if (s->attributes[i].text)
      put_text(f, s->attributes[i].text);
    else
      fprintf(f, "%.17g", s->attributes[i].number);
  }
  fputs("\n}\n", f);
}

static void finish(FILE *f, const char *partial, const mst_metricfile_spec *s, mst_error *err) {
  int why = ferror(f) || fflush(f) != 0 || fsync(fileno(f)) != 0 ? errno : 0;
  if (fclose(f) != 0 && !why) why = errno;
  if (!why && err->status == MASTING_OK) why = mst_file_publish(partial, s->path, s->force != 0);
  if (why == EEXIST)
    mst_fail(err, MASTING_ERR_EXISTS,
             "%s: a file of that name appeared during the run; it stays; try another name, or "
             "--force",
             s->path);
  else if (why)
    mst_fail(err, MASTING_ERR_IO, "%s: cannot write it: %s", partial, strerror(why));
  if (err->status != MASTING_OK) unlink(partial);
}

masting_status mst_metricfile_json_write(const mst_comm *comm, const mst_metricfile_spec *s,
                                         mst_error *err) {
  char partial[MST_PATH_MAX + 16];
  double *row = NULL;
  FILE *f = NULL;
  snprintf(partial, sizeof partial, "%s.partial", s->path);
  if (s->metric->dist) mst_alloc((void **)&row, (size_t)s->metric->n, sizeof *row, "metric", err);
  const int fd = comm->rank == 0 ? mst_file_fresh(partial, 0666) : -1;
  if (comm->rank == 0 && (fd < 0 || !(f = fdopen(fd, "w"))))
    mst_fail(err, MASTING_ERR_NOFILE, "%s: cannot create it: %s", partial, strerror(errno));
  if (mst_agree(comm, err) == MASTING_OK) {
    if (f)
      put_all(f, comm, s, row, err);
    else if (s->metric->dist)
      mst_metricfile_gather_rows(comm, s->metric, row, NULL, NULL);
  }
  if (f) finish(f, partial, s, err);
  mst_free(&row);
  return mst_agree(comm, err);
}
