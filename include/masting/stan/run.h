/* masting/stan/run.h -- what generated models need besides functions: trouble, the tape, ints.
 *
 * Trouble: the first message wins, whichever thread has it; model->trouble shows it and the run
 * ends. It is for mistakes that no parameter value excuses (an index out of range), not for
 * densities of zero.
 *
 * Tape: values that a forward sweep overwrites and its reverse sweep wants back, last in first
 * out: lanes on one stack, 8-byte words (ints, doubles, pointers) on another. One per thread, or
 * one of your own.
 */
#ifndef MASTING_STAN_RUN_H
#define MASTING_STAN_RUN_H

#include <stdarg.h>
#include <stdlib.h>

#include <masting/model_abi.h>
#include <masting/stan/arena.h>
#include <masting/stan/special.h>

#define MASTING_UNUSED_ __attribute__((unused))
#define MASTING_COLD_ __attribute__((noinline, cold, unused))

/* All lanes when the condition holds, else none. */
MASTING_UNUSED_ static inline vmask v_if(int64_t condition) {
#if MASTING_LANES == 1
  return -(int64_t)(condition != 0);
#else
  return -(int64_t)(condition != 0) - (vmask){0};
#endif
}

/* Iterations that go through an inner loop side by side: as many as leave their sums in
 * registers. */
#if defined(__AVX512F__)
#define MASTING_TILE (MASTING_LANES <= 8 ? 8 : 4)
#elif defined(__AVX2__) || defined(__aarch64__)
#define MASTING_TILE (MASTING_LANES <= 4 ? 8 : MASTING_LANES <= 8 ? 4 : 2)
#else
#define MASTING_TILE (MASTING_LANES <= 2 ? 8 : MASTING_LANES <= 4 ? 4 : 2)
#endif

/* Iterations that are done in tiles. With one lane there are none: the columns of sums fill the
 * registers. */
#define MASTING_TILED(count) (MASTING_LANES > 1 ? (count) / MASTING_TILE * MASTING_TILE : 0)

/* So few that sums of them are kept side by side with those of other things; of a number that is
 * not known: 0. */
#define MASTING_FEW(count) ((count) > 0 && (count) <= 8)

#define MASTING_PRAGMA_(text) _Pragma(#text)
#if MASTING_LANES == 1
#define MASTING_SUMS(...) MASTING_PRAGMA_(omp simd reduction(+ : __VA_ARGS__))
#else
#define MASTING_SUMS(...)
#endif

/* log1p_exp(x) and inv_logit(x), from e = exp(-|x|). */
MASTING_UNUSED_ static inline double d_log1p_exp_of(double x, double e) {
  return (x < 0 ? 0 : x) + d_log1p(e);
}
MASTING_UNUSED_ static inline double d_inv_logit_of(double x, double e) {
  return (x < 0 ? e : 1) / (1 + e);
}
MASTING_UNUSED_ static inline vreal v_log1p_exp_of(vreal x, vreal e) {
  return v_where(v_lt(x, v_all(0.0)), v_all(0.0), x) + v_log1p(e);
}
MASTING_UNUSED_ static inline vreal v_inv_logit_of(vreal x, vreal e) {
  return v_where(v_lt(x, v_all(0.0)), e, v_all(1.0)) / (1.0 + e);
}

/* ---- trouble */

__attribute__((noinline, cold, unused, format(printf, 2, 3))) static void
masting_trouble_note(masting_trouble *trouble, const char *format, ...) {
  va_list arg;
  if (__atomic_exchange_n(&trouble->claimed, 1, __ATOMIC_ACQ_REL)) return;
  va_start(arg, format);
  vsnprintf(trouble->text, sizeof trouble->text, format, arg);
  va_end(arg);
  __atomic_store_n(&trouble->ready, 1, __ATOMIC_RELEASE);
}

MASTING_UNUSED_ static inline const char *masting_trouble_text(const masting_trouble *trouble) {
  return __atomic_load_n(&trouble->ready, __ATOMIC_ACQUIRE) ? trouble->text : NULL;
}

/* Zeroed, 64-byte aligned; free() gives it back. */
MASTING_UNUSED_ static void *masting_zeroed(size_t count, size_t size) {
  size_t bytes = (count * size + 63) & ~(size_t)63;
  void *p = bytes ? aligned_alloc(64, bytes) : NULL;
  if (!p && bytes) masting_arena_out_of_memory(bytes);
  if (p) memset(p, 0, bytes);
  return p;
}

/* ---- ints */

MASTING_COLD_ static int64_t masting_index_out(masting_trouble *trouble, int64_t i, int64_t n,
                                               const char *where) {
  if (n > 0)
    masting_trouble_note(trouble,
                         "%s: index out of range; expected 1 to %lld, got %lld; try to check how "
                         "it is computed and the sizes of the data",
                         where, (long long)n, (long long)i + 1);
  else
    masting_trouble_note(
        trouble,
        "%s: index out of range; expected no access, as there are no elements, got "
        "%lld; try to check the sizes of the data",
        where, (long long)i + 1);
  return 0;
}

/* i where 0 <= i < n; else trouble, and 0. `where` names the place and the variable. */
MASTING_UNUSED_ static inline int64_t masting_index(masting_trouble *trouble, int64_t i, int64_t n,
                                                    const char *where) {
  return (uint64_t)i < (uint64_t)n ? i : masting_index_out(trouble, i, n, where);
}

MASTING_COLD_ static int64_t masting_zero_division(masting_trouble *trouble, const char *where) {
  masting_trouble_note(
      trouble,
      "%s: integer division by zero; expected another divisor; try to check how it is "
      "computed",
      where);
  return 0;
}

MASTING_UNUSED_ static inline int64_t masting_int_div(masting_trouble *trouble, int64_t a,
                                                      int64_t b, const char *where) {
  if (b == 0) return masting_zero_division(trouble, where);
  return b == -1 ? -a : a / b;
}

MASTING_UNUSED_ static inline int64_t masting_int_mod(masting_trouble *trouble, int64_t a,
                                                      int64_t b, const char *where) {
  if (b == 0) return masting_zero_division(trouble, where);
  return b == -1 ? 0 : a % b;
}

MASTING_UNUSED_ static inline int64_t masting_int_abs(int64_t a) { return a < 0 ? -a : a; }
MASTING_UNUSED_ static inline int64_t masting_int_min(int64_t a, int64_t b) {
  return a < b ? a : b;
}
MASTING_UNUSED_ static inline int64_t masting_int_max(int64_t a, int64_t b) {
  return a > b ? a : b;
}

/* ---- the tape */

typedef struct masting_tape {
  vreal *lane;
  int64_t *word;
  int64_t nlanes, lane_room, nwords, word_room;
  struct masting_tape *next_of_file;
} masting_tape;

/* More room; 64-byte aligned, contents copied. */
MASTING_COLD_ static void *masting_tape_grow(void *old, int64_t used, int64_t *room, size_t size) {
  int64_t more = *room ? 2 * *room : 512;
  size_t bytes = ((size_t)more * size + 63) & ~(size_t)63;
  void *fresh = aligned_alloc(64, bytes);
  if (!fresh) masting_arena_out_of_memory(bytes);
  if (used > 0) memcpy(fresh, old, (size_t)used * size);
  free(old);
  *room = more;
  return fresh;
}

MASTING_UNUSED_ static inline void masting_push(masting_tape *tape, vreal x) {
  if (__builtin_expect(tape->nlanes == tape->lane_room, 0))
    tape->lane = masting_tape_grow(tape->lane, tape->nlanes, &tape->lane_room, sizeof x);
  tape->lane[tape->nlanes++] = x;
}

MASTING_UNUSED_ static inline vreal masting_pop(masting_tape *tape) {
  return tape->lane[--tape->nlanes];
}

MASTING_UNUSED_ static inline void masting_push_int(masting_tape *tape, int64_t x) {
  if (__builtin_expect(tape->nwords == tape->word_room, 0))
    tape->word = masting_tape_grow(tape->word, tape->nwords, &tape->word_room, sizeof x);
  tape->word[tape->nwords++] = x;
}

MASTING_UNUSED_ static inline int64_t masting_pop_int(masting_tape *tape) {
  return tape->word[--tape->nwords];
}

MASTING_UNUSED_ static inline void masting_push_double(masting_tape *tape, double x) {
  int64_t bits;
  memcpy(&bits, &x, sizeof bits);
  masting_push_int(tape, bits);
}

MASTING_UNUSED_ static inline double masting_pop_double(masting_tape *tape) {
  double x;
  int64_t bits = masting_pop_int(tape);
  memcpy(&x, &bits, sizeof x);
  return x;
}

MASTING_UNUSED_ static inline void masting_push_mask(masting_tape *tape, vmask m) {
  masting_push(tape, (vreal)m);
}

MASTING_UNUSED_ static inline vmask masting_pop_mask(masting_tape *tape) {
  return (vmask)masting_pop(tape);
}

MASTING_UNUSED_ static inline void masting_push_pointer(masting_tape *tape, const void *p) {
  masting_push_int(tape, (int64_t)(intptr_t)p);
}

MASTING_UNUSED_ static inline void *masting_pop_pointer(masting_tape *tape) {
  return (void *)(intptr_t)masting_pop_int(tape);
}

MASTING_UNUSED_ static void masting_tape_free(masting_tape *tape) {
  free(tape->lane);
  free(tape->word);
  *tape = (masting_tape){0};
}

/* As the arenas of threads: see arena.h. */
static pthread_mutex_t masting_tape_lock MASTING_UNUSED_ = PTHREAD_MUTEX_INITIALIZER;
static masting_tape *masting_tape_list MASTING_UNUSED_;
static unsigned masting_tape_round MASTING_UNUSED_ = 1;
static _Thread_local masting_tape *masting_tape_mine MASTING_UNUSED_;
static _Thread_local unsigned masting_tape_my_round MASTING_UNUSED_;

__attribute__((noinline, unused)) static masting_tape *masting_tape_of_thread(void) {
  if (masting_tape_my_round == masting_tape_round) return masting_tape_mine;
  masting_tape *tape = calloc(1, sizeof *tape);
  if (!tape) masting_arena_out_of_memory(sizeof *tape);
  pthread_mutex_lock(&masting_tape_lock);
  tape->next_of_file = masting_tape_list;
  masting_tape_list = tape;
  pthread_mutex_unlock(&masting_tape_lock);
  masting_tape_mine = tape;
  masting_tape_my_round = masting_tape_round;
  return tape;
}

/* Frees the tapes of all threads. No thread may be using one. */
__attribute__((noinline, unused)) static void masting_tapes_free(void) {
  pthread_mutex_lock(&masting_tape_lock);
  for (masting_tape *next, *tape = masting_tape_list; tape; tape = next) {
    next = tape->next_of_file;
    masting_tape_free(tape);
    free(tape);
  }
  masting_tape_list = NULL;
  masting_tape_round++;
  pthread_mutex_unlock(&masting_tape_lock);
}

/* ---- print() */

/* How many chains print: MASTING_PRINT, a number that the program sets on the rank that speaks, on
 * others 0, or the user's "off"; all where it is not set. The first that prints says so. */
MASTING_COLD_ static int masting_prints(void) {
  static int chains = -1;
  if (chains < 0) {
    const char *s = getenv("MASTING_PRINT");
    chains = !s || !*s ? 1 << 30 : atoi(s); /* "off" is 0 */
    if (chains)
      fputs("masting: the model prints, once a gradient, a line a chain; MASTING_PRINT=off turns "
            "it off\n",
            stderr);
  }
  return chains;
}

MASTING_COLD_ static void masting_print_lanes(vreal x) {
  for (int i = 0; i < MASTING_LANES; i++)
    fprintf(stderr, "%s%g", i ? " " : MASTING_LANES > 1 ? "<" : "", v_get(x, i));
  if (MASTING_LANES > 1) fputc('>', stderr);
}

#endif
