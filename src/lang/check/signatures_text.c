/* lang/check/signatures_text.c -- signatures for people: shown in messages, listed for the
 * documentation; names that Stan replaced or removed. See signatures.h. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "lang/check/check.h"
#include "lang/check/signatures.h"
#include "lang/check/types.h"

static const char *show_slot(lang_context *c, lang_slot slot) {
  const char *name;
  switch (slot.letter) {
  case 'R':
    name = "reals";
    break;
  case 'I':
    name = "ints";
    break;
  case 'V':
    name = "vectors";
    break;
  case 'X':
    name = "vector or row_vector";
    break;
  case 'A':
    name = "vector, row_vector or array[] real";
    break;
  case 'T':
    name = "T";
    break;
  case '.':
    return "...";
  default:
    name = mst_type_show(c, mst_slot_type((lang_slot){.letter = slot.letter}));
  }
  char commas[12] = "";
  for (int i = 0; i + 1 < slot.arrays && i < 10; i++) commas[i] = ',';
  if (slot.arrays > 0) name = mst_lang_format(c, "array[%s] %s", commas, name);
  return slot.data ? mst_lang_format(c, "data %s", name) : name;
}

static bool conditional(const char *name) {
  static const char *const suffix[] = {"_lpdf", "_lpmf", "_lcdf", "_lccdf", "_cdf"};
  size_t length = strlen(name);
  for (size_t i = 0; i < sizeof suffix / sizeof *suffix; i++) {
    size_t n = strlen(suffix[i]);
    if (length > n && strcmp(name + length - n, suffix[i]) == 0) return true;
  }
  return false;
}

static const char *show_result(lang_context *c, const char *p) {
  if (*p == '(') {
    const char *list = "tuple(";
    p++;
    for (lang_slot slot; (slot = mst_slot_next(&p)).letter != 0;)
      list = mst_lang_format(c, "%s%s%s", list, list[6] == '\0' ? "" : ", ", show_slot(c, slot));
    return mst_lang_format(c, "%s)", list);
  }
  lang_slot slot = mst_slot_next(&p);
  if (slot.spread)
    return mst_lang_format(c, "%s or array[] %s", show_slot(c, slot), show_slot(c, slot));
  return show_slot(c, slot);
}

const char *mst_signature_show(lang_context *c, const lang_signature *s, int alternative) {
  const char *p = s->pattern;
  for (; alternative > 0; alternative--) p = strchr(p, '|') + 1;
  bool each = s->kind == LANG_ELEMENTWISE || *p == '@', arrays = *p == '#';
  p += *p == '@' || *p == '#';
  const char *list = "";
  int count = 0;
  for (lang_slot slot; (slot = mst_slot_next(&p)).letter != 0;) {
    if (slot.letter == 'n') continue;
    const char *between = count == 0 ? "" : count == 1 && conditional(s->name) ? " | " : ", ";
    list = mst_lang_format(c, "%s%s%s", list, between, show_slot(c, slot));
    count++;
  }
  const char *result = show_result(c, p + 1), *end = strchr(p, '|');
  bool refused = memchr(p, '~', end != NULL ? (size_t)(end - p) : strlen(p)) != NULL;
  return mst_lang_format(c, "%s(%s) => %s%s%s", s->name, list, result,
                         each && count > 0 ? ", and of containers, element by element"
                         : arrays          ? ", and of arrays"
                                           : "",
                         refused ? "; not translated" : "");
}

static int by_name(const void *a, const void *b) {
  const lang_signature *const *s = a, *const *t = b;
  return strcmp((*s)->name, (*t)->name);
}

static void print_group(lang_context *c, FILE *file, const lang_signature *const *group,
                        int count) {
  for (int i = 0; i < count; i++)
    if (group[i]->kind == LANG_UNSUPPORTED)
      fprintf(file, "%s\n", group[i]->name);
    else
      for (int k = 0; k < mst_signature_alternatives(group[i]); k++)
        fprintf(file, "%s\n", mst_signature_show(c, group[i], k));
}

/* Headings as the table has them, what is under each by name. */
static void print_all(lang_context *c, void *file) {
  int count;
  const lang_signature *all = mst_signature_all(&count);
  const lang_signature **group = MST_LANG_ARRAY(c, const lang_signature *, count);
  for (int i = 0; i < count;) {
    int size = 0;
    const lang_signature *heading = all[i].kind == LANG_HEADING ? &all[i++] : NULL;
    for (; i < count && all[i].kind != LANG_HEADING; i++)
      if (all[i].kind != LANG_INTRINSIC) group[size++] = &all[i];
    if (size > 0 && heading != NULL) fprintf(file, "# %s\n", heading->pattern);
    qsort(group, (size_t)size, sizeof *group, by_name);
    print_group(c, file, group, size);
  }
}

void mst_signatures_print(void *file) {
  lang_context c = {0};
  (void)mst_lang_enter(&c, print_all, file);
  mst_lang_free(&c);
}

/* ---- names that were ---- */

static const struct {
  const char *old, *new;
} renamed[] = {
    {"binomial_coefficient_log", "lchoose"},
    {"cov_exp_quad", "gp_exp_quad_cov"},
    {"fabs", "abs"},
    {"get_lp", "target"},
    {"integrate_ode", "integrate_ode_rk45"},
    {"multiply_log", "lmultiply"},
};

static const struct {
  const char *name, *instead;
} removed[] = {
    {"if_else", "write condition ? a : b"},
    {"increment_log_prob", "write target += ..."},
};

/* `name` with its last characters `from` replaced by `to`, when that is a function. */
static const char *with_suffix(lang_context *c, const char *name, const char *from,
                               const char *to) {
  size_t length = strlen(name), tail = strlen(from);
  if (length <= tail || strcmp(name + length - tail, from) != 0) return NULL;
  const char *candidate = mst_lang_format(c, "%.*s%s", (int)(length - tail), name, to);
  return mst_signature_find(candidate) != NULL ? candidate : NULL;
}

const char *mst_signature_renamed(lang_context *c, const char *name) {
  for (size_t i = 0; i < sizeof renamed / sizeof *renamed; i++)
    if (strcmp(name, renamed[i].old) == 0) return renamed[i].new;
  static const char *const suffix[][2] = {
      {"_ccdf_log", "_lccdf"}, {"_cdf_log", "_lcdf"}, {"_log", "_lpdf"}, {"_log", "_lpmf"}};
  for (size_t i = 0; i < sizeof suffix / sizeof *suffix; i++) {
    const char *found = with_suffix(c, name, suffix[i][0], suffix[i][1]);
    if (found != NULL) return found;
  }
  return NULL;
}

const char *mst_signature_removed(const char *name) {
  for (size_t i = 0; i < sizeof removed / sizeof *removed; i++)
    if (strcmp(name, removed[i].name) == 0) return removed[i].instead;
  return NULL;
}
