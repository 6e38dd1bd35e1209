/* data/csv_names.c -- see csv_names.h. */
#include "data/csv_names.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

typedef enum style { PLAIN, JOINED, DOTTED, BRACKETED } style; /* X, X1, X.1, X[1] */

typedef struct part { /* a column as one of a matrix */
  int column;
  style style;
  int index;
  char base[MST_CSV_NAME];
} part;

/* "X.12" is 12 of X. Numbers have no leading zero and at most 8 digits. */
static part take_apart(const char *name, int column) {
  part p = {.column = column, .style = PLAIN};
  size_t n = strlen(name), end = n;
  snprintf(p.base, sizeof p.base, "%s", name);
  if (n && name[n - 1] == ']') end--;
  size_t at = end;
  while (at > 0 && name[at - 1] >= '0' && name[at - 1] <= '9') at--;
  if (at == end || end - at > 8 || at == 0 || (name[at] == '0' && end - at > 1)) return p;
  char before = name[at - 1];
  p.index = atoi(name + at);
  p.style = end < n ? (before == '[' ? BRACKETED : PLAIN) : before == '.' ? DOTTED : JOINED;
  p.base[p.style == JOINED ? at : at - 1] = '\0';
  if (p.style == PLAIN || !p.base[0]) {
    p.style = PLAIN;
    snprintf(p.base, sizeof p.base, "%s", name);
  }
  return p;
}

static int by_matrix(const void *a, const void *b) {
  const part *x = a, *y = b;
  int base = strcmp(x->base, y->base), kind = (int)x->style - (int)y->style;
  return base                   ? base
         : kind                 ? kind
         : x->index != y->index ? (x->index > y->index) - (x->index < y->index)
                                : x->column - y->column;
}

static bool add(mst_csv_variable **all, int *count, const char *name, const part *parts, int width,
                bool matrix) {
  mst_csv_variable *grown = realloc(*all, (size_t)(*count + 1) * sizeof *grown);
  if (!grown) return false;
  *all = grown;
  mst_csv_variable *v = &grown[(*count)++];
  *v = (mst_csv_variable){.width = width, .matrix = matrix};
  snprintf(v->name, sizeof v->name, "%s", name);
  v->column = malloc((size_t)width * sizeof *v->column);
  for (int i = 0; v->column && i < width; i++) v->column[i] = parts[i].column;
  return v->column != NULL;
}

/* The first of 1 .. width that is not there, in words. True: there is one. */
static bool lacks(const part *parts, int width, char text[MST_CSV_NAME + 16]) {
  int i = 0;
  while (i < width && parts[i].index == i + 1) i++;
  if (i < width)
    snprintf(text, MST_CSV_NAME + 16, parts->style == BRACKETED ? "%s[%d]" : "%s.%d", parts->base,
             i + 1);
  return i < width;
}

/* Columns parts[0 .. width-1] are of one base and style. taken: something else has the base as its
 * name. */
static bool add_group(mst_csv_variable **all, int *count, const part *parts, int width, bool taken,
                      const char (*name)[MST_CSV_NAME]) {
  char missing[MST_CSV_NAME + 16] = "";
  const bool strict = parts->style == DOTTED || parts->style == BRACKETED;
  const bool gap = lacks(parts, width, missing);
  const bool matrix = !taken && parts->style != PLAIN && (strict || (width > 1 && !gap));
  bool good = true;
  if (matrix) good = add(all, count, parts->base, parts, width, true);
  if (good && matrix && gap) {
    (*all)[*count - 1].width = 0;
    snprintf((*all)[*count - 1].lacks, sizeof missing, "%s", missing);
  }
  for (int i = 0; i < width && good && !(matrix && strict); i++)
    good = add(all, count, name[parts[i].column], parts + i, 1, false);
  return good;
}

masting_status mst_csv_names(const char (*name)[MST_CSV_NAME], int columns, mst_csv_variable **all,
                             int *count, mst_error *err) {
  part *parts = malloc((size_t)(columns + 1) * sizeof *parts);
  int n = 0;
  bool good = parts != NULL;
  *all = NULL;
  *count = 0;
  for (int c = 0; c < columns && good; c++)
    if (name[c][0]) parts[n++] = take_apart(name[c], c);
  if (good) qsort(parts, (size_t)n, sizeof *parts, by_matrix);
  const char *matrix = ""; /* the base of the last matrix: it has only one */
  for (int from = 0, to; from < n && good; from = to) {
    const char *base = parts[from].base;
    bool taken = !strcmp(matrix, base);
    for (to = from;
         to < n && parts[to].style == parts[from].style && !strcmp(parts[to].base, base);)
      to++;
    for (int c = 0; c < columns && !taken; c++) taken = !strcmp(name[c], base);
    good = add_group(all, count, parts + from, to - from, taken, name);
    if (!taken && parts[from].style != PLAIN) matrix = base;
  }
  free(parts);
  return good ? MASTING_OK
              : mst_fail(err, MASTING_ERR_MEMORY, "%d columns: cannot allocate memory", columns);
}

void mst_csv_names_free(mst_csv_variable *all, int count) {
  for (int i = 0; i < count; i++) free(all[i].column);
  free(all);
}
