/* diag/select.c -- see select.h. */
#include "diag/select.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* Does the pattern up to `end` match the whole of text? */
static bool match(const char *p, const char *end, const char *text) {
  while (p < end && *p == ' ') p++;
  while (*text == ' ') text++;
  if (p == end) return !*text;
  if (*p == '*') return match(p + 1, end, text) || (*text && match(p, end, text + 1));
  return *text && (*p == '?' || *p == *text) && match(p + 1, end, text + 1);
}

/* Where the indices begin; the end without any. */
static const char *name_end(const char *pattern) { return pattern + strcspn(pattern, "["); }

mst_taken mst_select_variable(const mst_select *s, const mst_draws_variable *v) {
  mst_taken taken = s->names || v->aside ? MST_TAKEN_NONE : MST_TAKEN_ALL;
  for (int i = 0; i < s->names; i++) {
    const char *end = name_end(s->name[i]);
    if (!match(s->name[i], end, v->name)) continue;
    if (!*end) return MST_TAKEN_ALL;
    if (v->ndims) taken = MST_TAKEN_SOME;
  }
  return taken;
}

bool mst_select_element(const mst_select *s, const char *label) {
  for (int i = 0; i < s->names; i++)
    if (match(s->name[i], s->name[i] + strlen(s->name[i]), label)) return true;
  return false;
}

static bool takes_element(const mst_select *one, const mst_draws_variable *v, bool *memory) {
  bool found = false;
  for (int64_t e = 0; e < v->elements && !found && *memory; e++) {
    char *label = mst_reader_label(v, e);
    *memory = label != NULL;
    found = label && mst_select_element(one, label);
    free(label);
  }
  return found;
}

masting_status mst_select_check(const mst_select *s, const mst_reader *r, mst_error *err) {
  bool memory = true;
  for (int i = 0; i < s->names; i++) {
    const mst_select one = {&s->name[i], 1};
    char names[600] = "", *label = NULL;
    bool found = false, named = false;
    for (int k = 0; k < r->variables && !found; k++) {
      const mst_draws_variable *v = &r->variable[k];
      mst_taken taken = mst_select_variable(&one, v);
      found =
          taken == MST_TAKEN_ALL || (taken == MST_TAKEN_SOME && takes_element(&one, v, &memory));
      if (taken == MST_TAKEN_SOME && !named && v->elements) {
        named = true;
        label = mst_reader_label(v, v->elements - 1);
      }
      size_t used = strlen(names);
      snprintf(names + used, sizeof names - used, "%s%s", k ? ", " : "", v->name);
    }
    if (!memory) mst_fail(err, MASTING_ERR_MEMORY, "summary: cannot allocate labels");
    if (!found && named)
      mst_fail(err, MASTING_ERR_USAGE, "%s: no element '%s'; the last one is %s", r->path,
               s->name[i], label ? label : "another");
    if (!found)
      mst_fail(err, MASTING_ERR_USAGE, "%s: no variable '%s'; expected one of: %s", r->path,
               s->name[i], names);
    free(label);
    if (err->status) return err->status;
  }
  return MASTING_OK;
}
