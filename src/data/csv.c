/* data/csv.c -- see csv.h. Errors that end the reading are in *err; what makes one variable unfit
 * goes to its `refused`. */
#include "data/csv.h"

#include <inttypes.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "data/csv_names.h"
#include "data/numbers.h"
#include "data/text.h"

#define FIELD 255 /* bytes of a field that are kept */

typedef struct variable {
  mst_numbers numbers;
  mst_error refused;
} variable;

typedef struct table {
  mst_text text;
  mst_source *into;
  char field[FIELD + 1]; /* the last that was read, without blanks around it */
  size_t length;
  bool quoted, cut; /* cut: it was longer than is kept */
  int columns;
  char (*name)[MST_CSV_NAME];
  mst_csv_variable *what;
  variable *held; /* [variables] */
  int variables;
  mst_number *row;          /* [columns] */
  char (*unfit)[FIELD + 1]; /* [columns] why a field of this row is no number; "": it is */
  int64_t rows;             /* so far */
  int64_t line;             /* where this row begins */
  mst_error *err;
} table;

static bool fail(table *t, masting_status status, int64_t line, const char *what) {
  mst_fail(t->err, status, "%s:%" PRId64 ": %s", t->text.path, line, what);
  return false;
}

static bool line_ends(int c) { return c < 0 || c == '\n' || c == '\r'; }

static void end_line(table *t) {
  if (mst_text_peek(&t->text) == '\r') mst_text_step(&t->text);
  if (mst_text_peek(&t->text) == '\n') mst_text_step(&t->text);
}

static void keep(table *t, int c) {
  if (t->length < FIELD) t->field[t->length] = (char)c;
  t->length++;
}

static bool read_quoted(table *t) {
  const int64_t line = t->text.line;
  t->quoted = true;
  mst_text_step(&t->text);
  for (;;) {
    int c = mst_text_peek(&t->text);
    if (c < 0)
      return fail(t, MASTING_ERR_FORMAT, line,
                  "a quote is not closed; expected '\"', got the end of the file");
    mst_text_step(&t->text);
    if (c == '"' && mst_text_peek(&t->text) != '"') break;
    if (c == '"') mst_text_step(&t->text);
    keep(t, c);
  }
  int c = mst_text_peek(&t->text);
  while (c == ' ') {
    mst_text_step(&t->text);
    c = mst_text_peek(&t->text);
  }
  if (c == ',' || line_ends(c)) return true;
  char got[40], what[200];
  snprintf(what, sizeof what, "after a quote: expected ',' or the end of the line, got %s%s",
           mst_text_next(&t->text, got),
           c == ';' ? "; separated by semicolons? try write.csv in place of write.csv2 in R" : "");
  return fail(t, MASTING_ERR_FORMAT, t->text.line, what);
}

/* A field, up to the comma or the end of the line that follows it. */
static bool read_field(table *t) {
  int c;
  t->length = 0;
  t->quoted = false;
  while ((c = mst_text_peek(&t->text)) == ' ' || c == '\t') mst_text_step(&t->text);
  if (c == '"') {
    if (!read_quoted(t)) return false;
  } else {
    for (; c != ',' && !line_ends(c); c = mst_text_peek(&t->text)) {
      keep(t, c);
      mst_text_step(&t->text);
    }
  }
  t->cut = t->length > FIELD;
  if (t->cut) t->length = FIELD;
  while (!t->quoted && t->length > 0 &&
         (t->field[t->length - 1] == ' ' || t->field[t->length - 1] == '\t'))
    t->length--;
  t->field[t->length] = '\0';
  return true;
}

/* Passes over lines without anything. False: the file ends. */
static bool find_row(table *t) {
  int c;
  while ((c = mst_text_peek(&t->text)) == '\n' || c == '\r') end_line(t);
  t->line = t->text.line;
  return c >= 0;
}

/* A number as CSV writers have it: JSON's, besides with a sign, without digits beside the point, or
 * a word for an infinity. */
static bool as_number(const table *t, mst_number *number) {
  const char *field = t->field;
  const size_t length = t->length;
  if (t->cut) return false;
  if (length && mst_number_read(field, number) == length)
    return number->whole || isfinite(number->real);
  number->whole = false;
  if (mst_number_word(field, length, &number->real)) return true;
  char *end;
  if (!length || strspn(field, "0123456789+-.eE") != length) return false;
  number->real = strtod(field, &end);
  if (end != field + length || !isfinite(number->real)) return false;
  number->whole = strcspn(field, ".eE") == length && fabs(number->real) < 0x1p53;
  if (number->whole) number->integer = (int64_t)number->real;
  return true;
}

static bool is_missing(const char *field) {
  static const char *const words[] = {"", "NA", "N/A", "null", "NULL", "None", "."};
  for (size_t i = 0; i < sizeof words / sizeof *words; i++)
    if (!strcmp(field, words[i])) return true;
  return false;
}

static bool is_boolean(const char *field) {
  return !strcmp(field, "TRUE") || !strcmp(field, "FALSE") || !strcmp(field, "True") ||
         !strcmp(field, "False") || !strcmp(field, "true") || !strcmp(field, "false");
}

/* Why the field is no number, into text. */
static void explain(const table *t, char text[FIELD + 1]) {
  size_t digits = strspn(t->field, "0123456789+-eE");
  bool comma = t->field[digits] == ',' && digits > 0 &&
               digits + 1 + strspn(t->field + digits + 1, "0123456789,eE+-") == t->length;
  if (t->length == 0)
    snprintf(text, FIELD + 1, "missing value; expected a number, got an empty field");
  else if (is_missing(t->field))
    snprintf(text, FIELD + 1, "missing value; expected a number, got %.40s", t->field);
  else if (is_boolean(t->field))
    snprintf(text, FIELD + 1, "wrong type; expected a number, got %.40s; try 1 and 0", t->field);
  else if (strspn(t->field, "0123456789+-.eE") == t->length)
    snprintf(text, FIELD + 1, "no number, or beyond a double; expected a number, got %.40s",
             t->field);
  else if (comma)
    snprintf(text, FIELD + 1,
             "a comma within a number; expected digits and a decimal point, got \"%.40s\"",
             t->field);
  else
    snprintf(text, FIELD + 1,
             "wrong type; expected a number, got \"%.40s\"; try coding its values as 1, 2, ...",
             t->field);
}

/* The row that has been read goes to the variables. */
static bool keep_row(table *t) {
  for (int v = 0; v < t->variables; v++) {
    const mst_csv_variable *w = &t->what[v];
    variable *held = &t->held[v];
    for (int i = 0; i < w->width && !held->refused.status; i++) {
      int c = w->column[i];
      if (t->unfit[c][0])
        mst_fail(&held->refused, MASTING_ERR_DATA, "%s:%" PRId64 ": %s, row %" PRId64 ": %s",
                 t->text.path, t->line, t->name[c], t->rows + 1, t->unfit[c]);
      else if (!mst_numbers_add(&held->numbers, &t->row[c]))
        return fail(
            t, MASTING_ERR_MEMORY, t->line,
            "cannot allocate memory for more rows; try HDF5, which every rank reads its rows of");
    }
    if (held->refused.status) mst_numbers_free(&held->numbers);
  }
  return true;
}

static bool fail_fields(table *t, int got) {
  char what[200];
  snprintf(what, sizeof what,
           "row %" PRId64 ": wrong number of fields; expected %d as in the first line, got %s%d%s",
           t->rows + 1, t->columns, got > t->columns ? "at least " : "", got,
           got == t->columns + 1 && t->rows == 0
               ? "; if the first is the row's name, try writing none"
               : "");
  return fail(t, MASTING_ERR_FORMAT, t->line, what);
}

static bool read_row(table *t) {
  int c = 0;
  for (bool more = true; more; c++) {
    if (c == t->columns) return fail_fields(t, c + 1);
    if (!read_field(t)) return false;
    t->unfit[c][0] = '\0';
    if (!as_number(t, &t->row[c])) explain(t, t->unfit[c]);
    more = mst_text_peek(&t->text) == ',';
    if (more) mst_text_step(&t->text);
  }
  end_line(t);
  if (c < t->columns) return fail_fields(t, c);
  if (!keep_row(t)) return false;
  t->rows++;
  return true;
}

static bool add_name(table *t) {
  char(*grown)[MST_CSV_NAME] = realloc(t->name, (size_t)(t->columns + 1) * sizeof *grown);
  if (!grown) return fail(t, MASTING_ERR_MEMORY, 1, "cannot allocate memory");
  t->name = grown;
  snprintf(grown[t->columns], MST_CSV_NAME, "%s", t->field);
  for (int c = 0; c < t->columns && t->field[0]; c++) {
    char what[MST_CSV_NAME + 100];
    if (strcmp(grown[c], t->field)) continue;
    snprintf(what, sizeof what, "column %s is there twice; expected each name once", t->field);
    return fail(t, MASTING_ERR_DATA, t->line, what);
  }
  if (strchr(t->field, '/')) grown[t->columns][0] = '\0'; /* no model declares such a name */
  t->columns++;
  return true;
}

/* The first line: names, separated by commas and by nothing else. */
static bool read_names(table *t) {
  mst_number number;
  int numbers = 0;
  char what[200];
  if (!find_row(t))
    return fail(t, MASTING_ERR_FORMAT, 1, "no columns; expected their names, got nothing");
  for (bool more = true; more;) {
    if (!read_field(t) || !add_name(t)) return false;
    numbers += as_number(t, &number);
    more = mst_text_peek(&t->text) == ',';
    if (more) mst_text_step(&t->text);
    const char other = strchr(t->field, ';') ? ';' : '\t';
    if (t->quoted || (more && other == '\t') || !strchr(t->field, other)) continue;
    snprintf(what, sizeof what,
             "separated by %s; expected commas, and points in decimal numbers; try %s",
             other == ';' ? "semicolons" : "tabs",
             other == ';' ? "write.csv in place of write.csv2 in R" : "writing it as CSV");
    return fail(t, MASTING_ERR_FORMAT, t->line, what);
  }
  end_line(t);
  snprintf(what, sizeof what, "no names of columns; expected a first line of names, got %.40s",
           t->field);
  return numbers < t->columns || fail(t, MASTING_ERR_FORMAT, t->line, what);
}

static bool make_room(table *t) {
  if (mst_csv_names((const char(*)[MST_CSV_NAME])t->name, t->columns, &t->what, &t->variables,
                    t->err))
    return false;
  t->held = calloc((size_t)t->variables + 1, sizeof *t->held);
  t->row = calloc((size_t)t->columns, sizeof *t->row);
  t->unfit = calloc((size_t)t->columns, sizeof *t->unfit);
  if (!t->held || !t->row || !t->unfit)
    return fail(t, MASTING_ERR_MEMORY, 1, "cannot allocate memory for the columns");
  for (int v = 0; v < t->variables; v++)
    if (!t->what[v].width)
      mst_fail(&t->held[v].refused, MASTING_ERR_DATA,
               "%s: %s: a column is missing; expected %s among those of the matrix", t->text.path,
               t->what[v].name, t->what[v].lacks);
  return true;
}

static bool keep_variables(table *t) {
  for (int v = 0; v < t->variables; v++) {
    const mst_csv_variable *w = &t->what[v];
    variable *held = &t->held[v];
    const int64_t dims[2] = {t->rows, w->width};
    if (held->refused.status)
      mst_source_refuse(t->into, w->name, held->refused.message, t->err);
    else
      mst_numbers_write(&held->numbers, t->into->h5, t->text.path, w->name, w->matrix ? 2 : 1, dims,
                        t->err);
    if (t->err->status) return false;
    mst_numbers_free(&held->numbers);
  }
  return true;
}

masting_status mst_csv_read(mst_source *into, const char *path, mst_error *err) {
  table t = {.into = into, .err = err};
  bool good = mst_text_open(&t.text, path, err) == MASTING_OK && read_names(&t) && make_room(&t);
  while (good && find_row(&t)) good = read_row(&t);
  if (good && !t.text.failed && t.rows == 0)
    good = fail(&t, MASTING_ERR_DATA, t.line,
                "no rows; expected at least one below the names of columns, got none; try JSON, if "
                "there are to be none");
  if (good && !t.text.failed) keep_variables(&t);
  if (t.text.failed) {
    *err = (mst_error){0};
    mst_fail(err, MASTING_ERR_IO, "%s: reading failed: %s", path, strerror(t.text.failed));
  }
  for (int v = 0; v < t.variables && t.held; v++) mst_numbers_free(&t.held[v].numbers);
  mst_csv_names_free(t.what, t.variables);
  free(t.held);
  free(t.row);
  free(t.unfit);
  free(t.name);
  mst_text_close(&t.text);
  return err->status;
}
