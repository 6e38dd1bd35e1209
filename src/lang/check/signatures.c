/* lang/check/signatures.c -- see signatures.h. Patterns are read at each call: programs have
 * few. */
#include "lang/check/signatures.h"

#include <string.h>

#include "lang/check/check.h"
#include "lang/check/types.h"

#define HEADING(title) {"", LANG_HEADING, title},
#define FUNCTION(name, kind, pattern) {#name, LANG_##kind, pattern},
#define REAL1(name) {#name, LANG_ELEMENTWISE, "r>r"},
#define REAL2(name) {#name, LANG_ELEMENTWISE, "rr>r"},
#define DENSITY(name, kind, outcome, parameters)                                                   \
  {#name "_lpdf", LANG_##kind, outcome parameters ">r"},
#define MASS(name, kind, outcome, parameters) {#name "_lpmf", LANG_##kind, outcome parameters ">r"},
#define CUMULATIVE(name, outcome, parameters)                                                      \
  {#name "_lcdf", LANG_DENSITY, outcome parameters ">r"},                                          \
      {#name "_lccdf", LANG_DENSITY, outcome parameters ">r"},                                     \
      {#name "_cdf", LANG_DENSITY, outcome parameters ">r"},
#define RANDOM(name, pattern) {#name "_rng", LANG_RNG, pattern},
#define TRANSFORM(name, there, back)                                                               \
  {#name "_constrain", LANG_OTHER, there}, {#name "_jacobian", LANG_OTHER, there},                 \
      {#name "_unconstrain", LANG_OTHER, back},
static const lang_signature table[] = {
#include "lang/check/signatures.def"
};
enum { TABLE = sizeof table / sizeof *table, MOST = 16 };

const lang_signature *mst_signature_all(int *count) {
  *count = TABLE;
  return table;
}

const lang_signature *mst_signature_find(const char *name) {
  size_t length = strlen(name);
  bool unnormalised = length > 6 && (strcmp(name + length - 6, "_lupdf") == 0 ||
                                     strcmp(name + length - 6, "_lupmf") == 0);
  for (int i = 0; i < TABLE; i++) {
    const char *other = table[i].name;
    if (!unnormalised) {
      if (strcmp(name, other) == 0) return &table[i];
    } else if (strlen(other) == length - 1 && strncmp(name, other, length - 4) == 0 &&
               strcmp(name + length - 3, other + length - 4) == 0 && other[length - 5] == 'l') {
      return &table[i];
    }
  }
  return NULL;
}

const char *const *mst_signature_names(lang_context *c) {
  const char **name = MST_LANG_ARRAY(c, const char *, TABLE + 1);
  int count = 0;
  for (int i = 0; i < TABLE; i++)
    if (table[i].kind != LANG_INTRINSIC && table[i].kind != LANG_HEADING)
      name[count++] = table[i].name;
  return name;
}

/* ---- patterns ---- */

lang_slot mst_slot_next(const char **pattern) {
  lang_slot slot = {0};
  const char *p = *pattern;
  for (;; p++) {
    if (*p == '!')
      slot.data = true;
    else if (*p == '*')
      slot.spread = true;
    else if (*p >= '0' && *p <= '9')
      slot.arrays = *p - '0';
    else
      break;
  }
  if (*p != '\0' && *p != '>' && *p != '|' && *p != ')') {
    slot.letter = *p;
    p++;
  }
  *pattern = p;
  return slot;
}

lang_type mst_slot_type(lang_slot slot) {
  static const struct {
    char letter;
    lang_base base;
  } base[] = {{'i', LANG_INT},    {'r', LANG_REAL},     {'v', LANG_VECTOR}, {'w', LANG_ROW_VECTOR},
              {'m', LANG_MATRIX}, {'f', LANG_FUNCTION}, {'R', LANG_REAL},   {'I', LANG_INT},
              {'V', LANG_VECTOR}, {'X', LANG_VECTOR},   {'A', LANG_VECTOR}};
  for (size_t i = 0; i < sizeof base / sizeof *base; i++)
    if (base[i].letter == slot.letter) return mst_type(base[i].base, slot.arrays);
  return mst_type(LANG_VOID, 0);
}

static const char *alternative_at(const char *pattern, int number) {
  for (; number > 0 && pattern != NULL; number--) {
    pattern = strchr(pattern, '|');
    if (pattern != NULL) pattern++;
  }
  return pattern;
}

int mst_signature_alternatives(const lang_signature *s) {
  int count = 1;
  for (const char *p = s->pattern; (p = strchr(p, '|')) != NULL; p++) count++;
  return count;
}

/* The slots of one alternative, `n` counting as none; returns where its `>` is. */
static const char *slots_of(const char *p, lang_slot slot[MOST], int *count) {
  *count = 0;
  if (*p == '@' || *p == '#') p++;
  for (;;) {
    lang_slot one = mst_slot_next(&p);
    if (one.letter == 0) return p;
    if (one.letter != 'n' && *count < MOST) slot[(*count)++] = one;
  }
}

/* ---- one argument ---- */

static int cost_of_class(const lang_type *choice, int count, lang_type argument,
                         lang_type *formal) {
  int best = -1;
  for (int i = 0; i < count; i++) {
    int cost = mst_type_cost(argument, choice[i]);
    if (cost >= 0 && (best < 0 || cost < best)) {
      best = cost;
      *formal = choice[i];
    }
  }
  return best;
}

/* Steps of promotion of an argument that stands in a slot, or -1. */
static int slot_cost(lang_slot slot, lang_type any, lang_type argument, lang_type *formal) {
  const lang_type real = mst_type(LANG_REAL, 0), reals = mst_type(LANG_REAL, 1),
                  integer = mst_type(LANG_INT, 0), integers = mst_type(LANG_INT, 1),
                  vector = mst_type(LANG_VECTOR, 0), vectors = mst_type(LANG_VECTOR, 1),
                  row = mst_type(LANG_ROW_VECTOR, 0), rows = mst_type(LANG_ROW_VECTOR, 1);
  switch (slot.letter) {
  case 'R':
    return cost_of_class((lang_type[]){real, reals, vector, row}, 4, argument, formal);
  case 'A':
    return cost_of_class((lang_type[]){reals, vector, row}, 3, argument, formal);
  case 'I':
    return cost_of_class((lang_type[]){integer, integers}, 2, argument, formal);
  case 'V':
    return cost_of_class((lang_type[]){vector, row, vectors, rows}, 4, argument, formal);
  case 'X':
    return cost_of_class((lang_type[]){vector, row}, 2, argument, formal);
  case 'T':
    *formal = any;
    formal->arrays += slot.arrays;
    return mst_type_cost(argument, *formal);
  default:
    *formal = mst_slot_type(slot);
    return mst_type_cost(argument, *formal);
  }
}

/* What T is: the common type of the arguments in its slots. LANG_VOID: there is none. */
static lang_type bind_any(lang_context *c, const lang_slot *slot, const lang_type *argument,
                          int count) {
  lang_type any = mst_type(LANG_VOID, 0);
  for (int i = 0; i < count; i++) {
    if (slot[i].letter != 'T') continue;
    lang_type inner = argument[i];
    inner.arrays -= slot[i].arrays;
    if (inner.arrays < 0 || !mst_type_value(inner)) return mst_type(LANG_VOID, 0);
    if (any.base != LANG_VOID && !mst_type_common(c, any, inner, &inner))
      return mst_type(LANG_VOID, 0);
    any = inner;
  }
  return any;
}

static lang_type result_type(lang_context *c, const char *p, lang_type any,
                             const lang_type *argument, int count) {
  if (*p == '(') {
    lang_type element[MOST];
    int elements = 0;
    p++;
    for (lang_slot slot; (slot = mst_slot_next(&p)).letter != 0 && elements < MOST;)
      element[elements++] = mst_slot_type(slot);
    return mst_type_tuple(c, element, elements);
  }
  lang_slot slot = mst_slot_next(&p);
  lang_type type = slot.letter == 'T' ? any : mst_slot_type(slot);
  if (slot.letter == 'T') type.arrays += slot.arrays;
  for (int i = 0; slot.spread && i < count; i++)
    if (mst_type_container(argument[i])) return mst_type(type.base, 1);
  return type;
}

/* ---- elementwise ---- */

/* The container in which all others fit: ints become what the slot asks for. -1: none. */
static int match_elementwise(const lang_slot *slot, int count, char result,
                             const lang_type *argument, lang_match *match) {
  lang_type shape = mst_type(LANG_VOID, 0);
  int rank = 0, cost = 0;
  for (int i = 0; i < count; i++) { /* what contains reals decides; then arrays of ints */
    lang_type type = argument[i];
    if (type.base == LANG_VOID || type.base > LANG_MATRIX || type.base == LANG_COMPLEX) return -1;
    if (slot[i].letter == 'i' && type.base != LANG_INT) return -1;
    if (slot[i].letter == 'r' && type.base == LANG_INT) {
      type.base = LANG_REAL;
      cost++;
    }
    match->formal[i] = type;
    match->data[i] = slot[i].data;
    if (!mst_type_container(type)) continue;
    if (rank != 0 && mst_type_rank(type) != rank) return -1;
    rank = mst_type_rank(type);
    if (slot[i].letter == 'i') continue;
    if (shape.base != LANG_VOID && !mst_type_equal(shape, type)) return -1;
    shape = type;
  }
  if (shape.base == LANG_VOID) shape = mst_type(LANG_INT, rank);
  if (shape.base == LANG_INT || shape.base == LANG_REAL)
    shape.base = result == 'i' ? LANG_INT : LANG_REAL;
  else if (result == 'i')
    return -1;
  match->result = shape;
  return cost;
}

/* ---- a call ---- */

static bool match_alternative(lang_context *c, const lang_signature *s, const char *p,
                              const lang_type *argument, int count, lang_match *match) {
  lang_slot slot[MOST];
  int slots;
  const char *arrow = slots_of(p, slot, &slots), *result = arrow + 1;
  bool variadic = slots > 0 && slot[slots - 1].letter == '.';
  if (variadic ? count < slots - 1 : count != slots) return false;
  match->formal = MST_LANG_ARRAY(c, lang_type, count + 1);
  match->data = MST_LANG_ARRAY(c, bool, count + 1);
  if (s->kind == LANG_ELEMENTWISE || *p == '@') {
    match->cost = match_elementwise(slot, count, *result, argument, match);
    return match->cost >= 0;
  }
  int lifted = *p == '#' && count > 0 ? argument[0].arrays : 0;
  lang_type any = bind_any(c, slot, argument, variadic ? slots - 1 : slots);
  match->cost = 0;
  for (int i = 0; i < count; i++) {
    if (variadic && i >= slots - 1) {
      match->formal[i] = argument[i];
      continue;
    }
    lang_type type = argument[i];
    if (i == 0) type.arrays -= lifted;
    int cost = slot_cost(slot[i], any, type, &match->formal[i]);
    if (cost < 0) return false;
    match->formal[i].arrays += i == 0 ? lifted : 0;
    match->data[i] = slot[i].data;
    match->cost += cost;
  }
  match->result = result_type(c, result, any, argument, count);
  match->result.arrays += lifted;
  return true;
}

lang_match mst_signature_match(lang_context *c, const lang_signature *s, const lang_type *argument,
                               int count) {
  lang_match best = {.cost = -1};
  for (int i = 0; i < mst_signature_alternatives(s); i++) {
    lang_match match = {0};
    if (match_alternative(c, s, alternative_at(s->pattern, i), argument, count, &match) &&
        (best.cost < 0 || match.cost < best.cost))
      best = match;
  }
  return best;
}

int mst_signature_nearness(lang_context *c, const lang_signature *s, int alternative,
                           const lang_type *argument, int count) {
  lang_slot slot[MOST];
  int slots;
  (void)slots_of(alternative_at(s->pattern, alternative), slot, &slots);
  if (slots > 0 && slot[slots - 1].letter == '.') slots--;
  int both = count < slots ? count : slots, near = 0;
  lang_type any = bind_any(c, slot, argument, both), formal;
  for (int i = 0; i < both; i++)
    near += slot_cost(slot[i], any, argument[i], &formal) >= 0 ? i == 0 ? 3 : 2 : 0;
  return near - (count > slots ? count - slots : slots - count);
}

lang_type mst_signature_element(const lang_signature *s, int i) {
  lang_slot slot[MOST];
  int slots;
  (void)slots_of(s->pattern, slot, &slots);
  return i < slots ? mst_slot_type(slot[i]) : mst_type(LANG_VOID, 0);
}
