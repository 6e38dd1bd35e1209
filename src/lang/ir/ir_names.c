/* lang/ir/ir_names.c -- variables of the IR and their names: C identifiers, unique in the program.
 *
 * Every name ends in two underscores, and no others stand together in it. Neither C, nor its
 * library, nor the headers of masting/stan, nor what the emitter itself writes (state, block,
 * row_out) has such names, so no name of a user can be one of theirs;
 * tests/cli/test_stan_names.py looks. The emitter makes further names of one by a word after it:
 * x__shared, of which the same holds. */
#include "lang/ir/ir.h"

#include <ctype.h>
#include <stdio.h>
#include <string.h>

static uint32_t hash(const char *name) {
  uint32_t h = 2166136261u;
  for (; *name; name++) h = (h ^ (unsigned char)*name) * 16777619u;
  return h;
}

/* Open addressing, at most half full: p->name_slot has a power of two of entries. Adds the name
 * unless it is there; returns whether it was added. */
static bool add_name(lang_context *c, ir_program *p, const char *name) {
  if (2 * (p->nnames + 1) > p->nname_slots) {
    const char **old = p->name_slot;
    int nold = p->nname_slots;
    p->nname_slots = nold ? 2 * nold : 256;
    p->name_slot = MST_LANG_ARRAY(c, const char *, p->nname_slots);
    p->nnames = 0;
    for (int i = 0; i < nold; i++)
      if (old[i]) add_name(c, p, old[i]);
  }
  uint32_t mask = (uint32_t)p->nname_slots - 1, i = hash(name) & mask;
  for (; p->name_slot[i]; i = (i + 1) & mask)
    if (strcmp(p->name_slot[i], name) == 0) return false;
  p->name_slot[i] = name;
  p->nnames++;
  return true;
}

/* The name without what C does not know in identifiers, with single underscores inside and none
 * at the end. */
static char *stem_of(lang_context *c, const char *name) {
  char *stem = mst_lang_alloc(c, strlen(name) + 2), *end = stem;
  if (!isalpha((unsigned char)name[0])) *end++ = 'x';
  for (const char *s = name; *s; s++) {
    char next = isalnum((unsigned char)*s) ? *s : '_';
    if (next != '_' || end[-1] != '_') *end++ = next;
  }
  while (end > stem + 1 && end[-1] == '_') end--;
  *end = '\0';
  return stem;
}

const char *mst_ir_unique(lang_context *c, ir_program *p, const char *name) {
  const char *stem = stem_of(c, name);
  char *made = mst_lang_format(c, "%s__", stem);
  if (add_name(c, p, made)) return made;
  /* _2, _3, ...: starting at the number of names keeps this from becoming quadratic */
  for (int i = 2;; i = i < 8 ? i + 1 : p->nnames + i) {
    made = mst_lang_format(c, "%s_%d__", stem, i);
    if (add_name(c, p, made)) return made;
  }
}

const char *mst_ir_unmarked(lang_context *c, const char *unique) {
  return mst_lang_copy(c, unique, strlen(unique) - 2);
}

const char *mst_ir_shown(lang_context *c, const ir_var *v) {
  return v->source_name ? v->source_name : mst_ir_unmarked(c, v->name);
}

ir_var *mst_ir_var(lang_context *c, ir_program *p, const char *name, ir_type type, ir_role role,
                   int ndims, ir_expr *const *dim) {
  ir_var *v = MST_LANG_NEW(c, ir_var);
  v->id = p->nvars;
  v->name = mst_ir_unique(c, p, name);
  v->type = type;
  v->role = role;
  v->ndims = ndims;
  v->shard_dim = -1;
  v->constant = role != IR_LOCAL && role != IR_OUTPUT && role != IR_ADJOINT;
  if (ndims > 0) {
    v->dim = MST_LANG_ARRAY(c, ir_expr *, ndims);
    memcpy(v->dim, dim, (size_t)ndims * sizeof *dim);
  }
  MST_LANG_PUSH(c, p->var, p->nvars, v);
  return v;
}
