/* lang/ir/ir_names.c -- variables of the IR and their names: C identifiers, unique in the program,
 * none that C, its headers or the emitted text's own names take. */
#include "lang/ir/ir.h"

#include <ctype.h>
#include <stdio.h>
#include <string.h>

/* Words that a variable of the emitted file may not be called. */
static const char *const reserved[] = {
    "auto",       "break",    "case",        "char",    "const",       "continue", "default",
    "do",         "double",   "else",        "enum",    "extern",      "float",    "for",
    "goto",       "if",       "inline",      "int",     "long",        "register", "restrict",
    "return",     "short",    "signed",      "sizeof",  "static",      "struct",   "switch",
    "typedef",    "union",    "unsigned",    "void",    "volatile",    "while",    "asm",
    "typeof",     "main",     "vreal",       "vmask",   "bool",        "true",     "false",
    "size_t",     "NAN",      "INFINITY",    "NULL",    "HUGE_VAL",    "EOF",      "DOMAIN",
    "SING",       "OVERFLOW", "UNDERFLOW",   "PLOSS",   "TLOSS",       "RAND_MAX", "M_PI",
    "M_E",        "linux",    "unix",        "stdin",   "stdout",      "stderr",   "errno",
    "signgam",    "assert",   "isnan",       "isinf",   "isfinite",    "isnormal", "signbit",
    "fpclassify", "memcpy",   "memset",      "malloc",  "calloc",      "realloc",  "free",
    "snprintf",   "abs",      "lp",          "state",   "slot",        "size",     "data",
    "theta",      "shared",   "shared_grad", "normal",  "normal_grad", "grad",     "block",
    "rows",       "row",      "rng",         "out",     "arena",       "tape",     "mark",
    "model",      "setup",    "teardown",    "prepare", "problem",     "pass",     "no_lanes",
    "global",     "derive",   "trouble"};

static bool is_reserved(const char *name) {
  static const char *const prefixes[] = {"v_",    "d_",    "masting", "MASTING", "mst_",
                                         "Sleef", "SLEEF", "INT",     "UINT",    "FP_",
                                         "M_",    "FLT_",  "DBL_",    "la_"};
  for (size_t i = 0; i < sizeof prefixes / sizeof *prefixes; i++)
    if (strncmp(name, prefixes[i], strlen(prefixes[i])) == 0) return true;
  for (size_t i = 0; i < sizeof reserved / sizeof *reserved; i++)
    if (strcmp(name, reserved[i]) == 0) return true;
  size_t n = strlen(name);
  return n > 2 && strcmp(name + n - 2, "_t") == 0; /* POSIX keeps these for types */
}

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

/* The name with everything that C does not know in identifiers replaced by `_`. */
static char *identifier(lang_context *c, const char *name) {
  char *copy = mst_lang_copy(c, name, strlen(name));
  for (char *s = copy; *s; s++)
    if (!isalnum((unsigned char)*s) && *s != '_') *s = '_';
  return isdigit((unsigned char)copy[0]) || copy[0] == '\0' ? mst_lang_format(c, "x%s", copy)
                                                            : copy;
}

const char *mst_ir_unique(lang_context *c, ir_program *p, const char *name) {
  char *base = identifier(c, name);
  if (!is_reserved(base) && add_name(c, p, base)) return base;
  /* _2, _3, ...: starting at the number of names keeps this from becoming quadratic */
  char *stem = base;
  for (int i = 2;; i = i < 8 ? i + 1 : p->nnames + i) {
    char *numbered = mst_lang_format(c, "%s_%d", stem, i);
    if (add_name(c, p, numbered)) return numbered;
  }
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
