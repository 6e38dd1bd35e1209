/* data/json.c -- see json.h. Errors that end the reading are in *err; what makes one variable unfit
 * goes to its `refused`, and the rest of its value is passed over. */
#include "data/json.h"

#include <inttypes.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "data/numbers.h"
#include "data/text.h"

#define MOST_DIMS 8
#define MOST_NESTED 200 /* of what is passed over */
#define MOST_PARTS 64   /* components of a tuple */
#define MOST_TEXT 255   /* bytes of a text that are kept */

/* A variable, or a component of a tuple, "x:1", with the dimensions of the arrays around it. */
typedef struct item {
  char name[MOST_TEXT + 1];
  mst_numbers numbers;
  int ndims;               /* -1: not known yet; of tuples: the arrays of them */
  int64_t dims[MOST_DIMS]; /* -1: not known yet */
  struct item *part[MOST_PARTS];
  int nparts;
  bool seen; /* in the object at hand */
} item;

typedef struct reader {
  mst_text text;
  mst_source *into;
  item whole, *v;           /* the variable; what is being read of it */
  int depth;                /* arrays that are open */
  int64_t index[MOST_DIMS]; /* elements so far */
  int64_t line, column;     /* of what is being read, for `refused` */
  mst_error refused;        /* this variable */
  mst_error *err;
} reader;

/* Passes over blanks; the byte that comes then, or -1. */
static int next(reader *r) {
  int c;
  while ((c = mst_text_peek(&r->text)) == ' ' || c == '\n' || c == '\r' || c == '\t')
    mst_text_step(&r->text);
  return c;
}

static bool fail(reader *r, const char *expected) {
  char got[40];
  mst_text_next(&r->text, got);
  mst_fail(r->err, MASTING_ERR_FORMAT, "%s:%" PRId64 ":%" PRId64 ": not JSON; expected %s, got %s",
           r->text.path, r->text.line, mst_text_column(&r->text), expected, got);
  return false;
}

static bool expect(reader *r, int c, const char *expected) {
  if (next(r) != c) return fail(r, expected);
  mst_text_step(&r->text);
  return true;
}

/* "X[2,3]" by the elements read so far, into text. */
static const char *element(const reader *r, int depth, char text[500]) {
  int used = snprintf(text, 500, "%s", r->v->name);
  for (int i = 0; i < depth; i++)
    used += snprintf(text + used, (size_t)(500 - used), "%c%" PRId64 "%s", i ? ',' : '[',
                     r->index[i] + 1, i + 1 == depth ? "]" : "");
  return text;
}

/* What comes next is what `refuse` may complain of. */
static void mark(reader *r) {
  r->line = r->text.line;
  r->column = mst_text_column(&r->text);
}

/* The variable is unfit, for `what` at the element in `depth` arrays. The first reason stays. */
static void refuse(reader *r, int depth, const char *what) {
  char at[500];
  mst_fail(&r->refused, MASTING_ERR_DATA, "%s:%" PRId64 ":%" PRId64 ": %s: %s", r->text.path,
           r->line, r->column, element(r, depth, at), what);
}

static void keep(char *out, size_t *length, unsigned c) {
  if (*length < MOST_TEXT) out[*length] = (char)c;
  ++*length;
}

/* \uXXXX, of which u comes next, as UTF-8. Halves of pairs are kept as they are. */
static bool read_code(reader *r, char *out, size_t *length) {
  unsigned code = 0;
  for (int i = 0; i < 4; i++) {
    mst_text_step(&r->text);
    int c = mst_text_peek(&r->text);
    int value = c >= '0' && c <= '9'   ? c - '0'
                : c >= 'a' && c <= 'f' ? c - 'a' + 10
                : c >= 'A' && c <= 'F' ? c - 'A' + 10
                                       : -1;
    if (value < 0) return fail(r, "four hexadecimal digits");
    code = code * 16 + (unsigned)value;
  }
  if (code < 0x80) {
    keep(out, length, code);
  } else {
    if (code >= 0x800) keep(out, length, 0xe0 | code >> 12);
    keep(out, length, code >= 0x800 ? 0x80 | (code >> 6 & 0x3f) : 0xc0 | code >> 6);
    keep(out, length, 0x80 | (code & 0x3f));
  }
  return true;
}

/* Text in quotes. Its first MOST_TEXT bytes go to out; *length is that of all of it. */
static bool read_text(reader *r, char out[MOST_TEXT + 1], size_t *length) {
  static const char from[] = "\"\\/bfnrt", to[] = "\"\\/\b\f\n\r\t";
  int c;
  *length = 0;
  mst_text_step(&r->text);
  while ((c = mst_text_peek(&r->text)) != '"') {
    if (c < ' ') return fail(r, "'\"' at the end of a text");
    if (c != '\\') {
      keep(out, length, (unsigned)c);
    } else {
      mst_text_step(&r->text);
      c = mst_text_peek(&r->text);
      const char *at = c > 0 ? strchr(from, c) : NULL;
      if (!at && c != 'u') return fail(r, "an escape (one of \"\\/bfnrtu)");
      if (at) keep(out, length, (unsigned char)to[at - from]);
      if (!at && !read_code(r, out, length)) return false;
    }
    mst_text_step(&r->text);
  }
  mst_text_step(&r->text);
  out[*length < MOST_TEXT ? *length : MOST_TEXT] = '\0';
  return true;
}

static bool word_byte(char c) {
  return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '_';
}

/* A bare word, with its sign; bytes. */
static size_t word_length(const char *text) {
  size_t n = *text == '-';
  while (n < 20 && word_byte(text[n])) n++;
  return n;
}

static bool is_word(const char *text, size_t length, const char *word) {
  return length == strlen(word) && !memcmp(text, word, length);
}

/* A number, or a bare word for one. *unfit: what else it is (true, false, null), or NULL. */
static bool read_bare(reader *r, mst_number *number, const char **unfit) {
  const char *text = mst_text_ahead(&r->text);
  size_t n = mst_number_read(text, number);
  *unfit = NULL;
  if (n && r->text.at + n == r->text.end && !r->text.last)
    return fail(r, "a number of less than 2000 digits");
  if (!n) {
    n = word_length(text);
    number->whole = false;
    if (is_word(text, n, "true") || is_word(text, n, "false"))
      *unfit = "wrong type; expected a number, got a boolean; try 1 and 0";
    else if (is_word(text, n, "null"))
      *unfit = "missing value; expected a number, got null";
    else if (!mst_number_word(text, n, &number->real))
      return fail(r, "a value");
  } else if (!number->whole && !isfinite(number->real)) {
    *unfit = "too large; expected a number that a double holds (up to 1.8e308)";
  }
  r->text.at += n;
  return true;
}

static bool skip_value(reader *r, int nested);

/* The rest of an array or object whose bracket comes next. */
static bool skip_nested(reader *r, int nested) {
  bool object = mst_text_peek(&r->text) == '{';
  int close = object ? '}' : ']';
  char text[MOST_TEXT + 1];
  size_t length;
  if (nested == MOST_NESTED) return fail(r, "fewer arrays within arrays");
  mst_text_step(&r->text);
  if (next(r) != close) {
    do {
      if (object) {
        if (next(r) != '"') return fail(r, "a name in quotes");
        if (!read_text(r, text, &length) || !expect(r, ':', "':'")) return false;
      }
      if (!skip_value(r, nested + 1)) return false;
      if (next(r) == close) break;
    } while (expect(r, ',', object ? "',' or '}'" : "',' or ']'"));
    if (r->err->status) return false;
  }
  mst_text_step(&r->text);
  return true;
}

/* Any value, checked for grammar alone. */
static bool skip_value(reader *r, int nested) {
  char text[MOST_TEXT + 1];
  size_t length;
  mst_number number;
  const char *unfit;
  int c = next(r);
  if (c == '"') return read_text(r, text, &length);
  if (c == '{' || c == '[') return skip_nested(r, nested);
  return read_bare(r, &number, &unfit);
}

static bool keep_number(reader *r, const mst_number *number) {
  if (r->refused.status) return true;
  if (r->v->nparts) {
    refuse(r, r->depth, "wrong type; expected a tuple as before it, got a number");
    return true;
  }
  if (r->v->ndims < 0) r->v->ndims = r->depth;
  if (r->v->ndims != r->depth) {
    refuse(r, r->depth, "ragged array; expected an array as before it, got a number");
    return true;
  }
  if (mst_numbers_add(&r->v->numbers, number)) return true;
  mst_fail(r->err, MASTING_ERR_MEMORY,
           "%s: %s: cannot allocate memory for more than %" PRId64
           " numbers; try HDF5, which every rank reads its rows of",
           r->text.path, r->v->name, r->v->numbers.count);
  return false;
}

/* A text where a number is due. */
static bool read_text_number(reader *r) {
  char text[MOST_TEXT + 1], what[200];
  size_t length;
  mst_number number = {.whole = false};
  if (!read_text(r, text, &length)) return false;
  if (length <= MOST_TEXT && mst_number_word(text, length, &number.real))
    return keep_number(r, &number);
  snprintf(what, sizeof what, "wrong type; expected a number, got the text \"%.40s\"%s", text,
           !strcmp(text, "NA") ? "; missing values are not read" : "");
  refuse(r, r->depth, what);
  return true;
}

/* ---- tuples: {"1": ..., "2": ...} */

static item *new_item(void) {
  item *v = calloc(1, sizeof *v);
  MST_ASSERT(v);
  v->ndims = -1;
  for (int i = 0; i < MOST_DIMS; i++) v->dims[i] = -1;
  return v;
}

/* The component of that number; NULL: there cannot be one. */
static item *component(item *of, const char *key) {
  char name[sizeof of->name];
  if (key[0] < '1' || key[0] > '9' || strlen(key) > 2 || (key[1] && (key[1] < '0' || key[1] > '9')))
    return NULL;
  if (snprintf(name, sizeof name, "%s:%s", of->name, key) >= (int)sizeof name) return NULL;
  for (int i = 0; i < of->nparts; i++)
    if (!strcmp(of->part[i]->name, name)) return of->part[i];
  if (of->nparts == MOST_PARTS) return NULL;
  item *part = of->part[of->nparts++] = new_item();
  memcpy(part->name, name, sizeof name);
  return part;
}

static bool read_items(reader *r, int base);

/* One component, whose name comes next. */
static bool read_component(reader *r, item *tuple, bool fresh) {
  char key[MOST_TEXT + 1];
  size_t length;
  if (next(r) != '"') return fail(r, "a name in quotes");
  mark(r);
  if (!read_text(r, key, &length) || !expect(r, ':', "':'")) return false;
  const int known = tuple->nparts;
  item *part = r->refused.status ? NULL : component(tuple, key);
  if (part && tuple->nparts > known && !fresh)
    refuse(r, r->depth, "tuples differ; expected the components of those before it");
  else if (!part || part->seen)
    refuse(r, r->depth,
           "wrong type; expected a number or a tuple, {\"1\": ..., \"2\": ...}, got an object");
  if (r->refused.status) return skip_value(r, r->depth);
  part->seen = true;
  r->v = part;
  const bool ok = read_items(r, r->depth);
  r->v = tuple;
  return ok;
}

/* '{' comes next. */
static bool read_tuple(reader *r) {
  item *tuple = r->v;
  const bool fresh = tuple->nparts == 0;
  mark(r);
  if (tuple->ndims >= 0 && (tuple->ndims != r->depth || tuple->numbers.count))
    refuse(r, r->depth, "wrong type; expected a number as before it, got an object");
  tuple->ndims = r->depth;
  for (int i = 0; i < tuple->nparts; i++) tuple->part[i]->seen = false;
  mst_text_step(&r->text);
  if (next(r) != '}') {
    do {
      if (!read_component(r, tuple, fresh)) return false;
      if (next(r) == '}') break;
    } while (expect(r, ',', "',' or '}'"));
    if (r->err->status) return false;
  }
  mst_text_step(&r->text);
  for (int i = 0; i < tuple->nparts; i++)
    if (!tuple->part[i]->seen)
      refuse(r, r->depth, "tuples differ; expected the components of those before it");
  if (!tuple->nparts) refuse(r, r->depth, "wrong type; expected a number, got an empty object");
  return true;
}

/* ---- values */

/* Anything but an array. */
static bool read_leaf(reader *r) {
  mst_number number;
  const char *unfit;
  int c = mst_text_peek(&r->text);
  mark(r);
  if (c == '"') return read_text_number(r);
  if (c == '{') return read_tuple(r);
  if (!read_bare(r, &number, &unfit)) return false;
  if (!unfit) return keep_number(r, &number);
  refuse(r, r->depth, unfit);
  return true;
}

/* ']' comes next. Is the array as long as those beside it? */
static void close_array(reader *r) {
  mark(r);
  mst_text_step(&r->text);
  int64_t n = r->index[--r->depth], *expected = &r->v->dims[r->depth];
  char what[120];
  if (r->refused.status) return;
  if (n == 0 && r->v->ndims < 0) r->v->ndims = r->depth + 1;
  if (*expected < 0) *expected = n;
  if (*expected == n) return;
  snprintf(what, sizeof what,
           "ragged array; expected %" PRId64 " element%s as in those before it, got %" PRId64,
           *expected, *expected == 1 ? "" : "s", n);
  refuse(r, r->depth, what);
}

/* '[' comes next. Opens it, or passes over an array that is too deep. */
static bool open_array(reader *r) {
  bool deep = r->depth == MOST_DIMS;
  mark(r);
  if (!r->refused.status && (deep || (r->v->ndims >= 0 && r->depth >= r->v->ndims)))
    refuse(r, r->depth,
           deep ? "too many dimensions; expected at most 8"
                : "ragged array; expected a number as before it, got an array");
  if (deep) return skip_nested(r, r->depth);
  mst_text_step(&r->text);
  r->index[r->depth++] = 0;
  return true;
}

/* A value within `base` arrays. */
static bool read_items(reader *r, int base) {
  for (bool fresh = true;;) { /* fresh: a value is due, or ']' right after '[' */
    int c = next(r), depth = r->depth;
    if (fresh && c == '[') {
      if (!open_array(r)) return false;
      if (r->depth > depth) {
        if (next(r) != ']') continue;
        close_array(r);
      }
    } else if (fresh) {
      if (!read_leaf(r)) return false;
    } else if (c == ']') {
      close_array(r);
    } else if (c == ',') {
      mst_text_step(&r->text);
      fresh = true;
      continue;
    } else {
      return fail(r, "',' or ']'");
    }
    if (r->depth == base) return true;
    r->index[r->depth - 1]++;
    fresh = false;
  }
}

static void clear(item *v) {
  for (int i = 0; i < v->nparts; i++) {
    clear(v->part[i]);
    mst_numbers_free(&v->part[i]->numbers);
    free(v->part[i]);
  }
  v->nparts = 0;
  v->ndims = -1;
  mst_numbers_clear(&v->numbers);
  for (int i = 0; i < MOST_DIMS; i++) v->dims[i] = -1;
}

/* A variable's value, whole. */
static bool read_value(reader *r) {
  r->depth = 0;
  r->v = &r->whole;
  r->refused = (mst_error){0};
  clear(&r->whole);
  return read_items(r, 0);
}

static bool write_value(reader *r, item *v) {
  for (int i = 0; i < v->nparts; i++) {
    memcpy(v->part[i]->dims, v->dims, (size_t)v->ndims * sizeof *v->dims);
    if (!write_value(r, v->part[i])) return false;
  }
  return v->nparts || mst_numbers_write(&v->numbers, r->into->h5, r->text.path, v->name, v->ndims,
                                        v->dims, r->err) == MASTING_OK;
}

/* Is there a variable of that name, or a tuple? */
static bool is_there(const reader *r, const char *name) {
  char first[MOST_TEXT + 3];
  snprintf(first, sizeof first, "%s:1", name);
  return mst_source_names(r->into, name) || mst_source_names(r->into, first);
}

/* Can a model declare a variable of that name? */
static bool is_name(const char *name, size_t length) {
  return length > 0 && length <= MOST_TEXT && strlen(name) == length && !strchr(name, '/') &&
         name[0] != '.';
}

/* "name": value */
static bool read_variable(reader *r) {
  size_t length;
  if (next(r) != '"') return fail(r, "a name in quotes");
  int64_t line = r->text.line, column = mst_text_column(&r->text);
  if (!read_text(r, r->whole.name, &length) || !expect(r, ':', "':'")) return false;
  if (!is_name(r->whole.name, length)) return skip_value(r, 0);
  if (is_there(r, r->whole.name)) {
    mst_fail(r->err, MASTING_ERR_DATA,
             "%s:%" PRId64 ":%" PRId64 ": %s: it is there twice; expected each name once",
             r->text.path, line, column, r->whole.name);
    return false;
  }
  if (!read_value(r)) return false;
  if (r->refused.status)
    return mst_source_refuse(r->into, r->whole.name, r->refused.message, r->err) == MASTING_OK;
  return write_value(r, &r->whole);
}

static bool read_object(reader *r) {
  if (!expect(r, '{', "'{', an object of data by name")) return false;
  if (next(r) != '}') {
    do {
      if (!read_variable(r)) return false;
      if (next(r) == '}') break;
    } while (expect(r, ',', "',' or '}'"));
    if (r->err->status) return false;
  }
  mst_text_step(&r->text);
  return next(r) < 0 || fail(r, "nothing after the object");
}

masting_status mst_json_read(mst_source *into, const char *path, mst_error *err) {
  reader r = {.into = into, .err = err};
  if (mst_text_open(&r.text, path, err) == MASTING_OK) read_object(&r);
  if (r.text.failed) {
    *err = (mst_error){0};
    mst_fail(err, MASTING_ERR_IO, "%s: reading failed: %s", path, strerror(r.text.failed));
  }
  mst_text_close(&r.text);
  clear(&r.whole);
  mst_numbers_free(&r.whole.numbers);
  return err->status;
}
