/* masting/stan/arena.h -- scratch memory of generated models: a bump allocator, one per thread.
 *
 * Local arrays, the tape of a reverse sweep and the scratch of linalg.h come from here. What is
 * taken stays where it is until it is released: the arena grows by further chunks, never by moving
 * one. Marks nest like calls:
 *
 *   masting_arena *arena = masting_arena_of_thread();
 *   masting_arena_state mark = masting_arena_mark(arena);
 *   vreal *x = masting_arena_take(arena, n * sizeof *x);
 *   ...
 *   masting_arena_release(arena, mark);    // x and all that was taken after the mark is gone
 *
 * Chunks are kept for the next use, so a sweep that repeats itself allocates in its first run only.
 * Out of memory ends the program with a message: there is nobody to tell in the middle of a sweep.
 * Every file that includes this header has arenas of its own; masting_arenas_free() belongs in the
 * model's teardown, when no thread is inside the model.
 */
#ifndef MASTING_STAN_ARENA_H
#define MASTING_STAN_ARENA_H

#include <pthread.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>

#define MASTING_ARENA_ALIGN ((size_t)64)
#define MASTING_ARENA_FIRST ((size_t)1 << 16) /* bytes of a chunk; then each is twice the last */

/* A chunk: this head, in the first 64 bytes, then `size` bytes. */
typedef struct masting_arena_chunk {
  struct masting_arena_chunk *next;
  size_t size;
} masting_arena_chunk;

/* All zero: an empty arena. */
typedef struct masting_arena {
  masting_arena_chunk *first;
  masting_arena_chunk *now; /* where the next bytes come from; NULL: from the first chunk */
  size_t used;              /* bytes taken of `now` */
  struct masting_arena *next_of_file;
} masting_arena;

/* Where an arena stood. */
typedef struct masting_arena_state {
  masting_arena_chunk *now;
  size_t used;
} masting_arena_state;

__attribute__((noreturn, noinline, cold, unused)) static void
masting_arena_out_of_memory(size_t bytes) {
  fprintf(stderr,
          "masting: model scratch: out of memory; a thread asked for %zu more bytes; try fewer "
          "threads a node, fewer chains, or more memory\n",
          bytes);
  abort();
}

/* Moves on to a chunk with room for `bytes` (a multiple of 64): one kept from before, or a new. */
__attribute__((noinline, unused)) static void masting_arena_grow(masting_arena *arena,
                                                                 size_t bytes) {
  masting_arena_chunk *last = arena->now;
  masting_arena_chunk *chunk = last ? last->next : arena->first;
  for (; chunk && chunk->size < bytes; chunk = chunk->next) last = chunk;
  if (!chunk) {
    size_t size = last ? 2 * last->size : MASTING_ARENA_FIRST;
    if (size < bytes) size = bytes;
    if (size > SIZE_MAX / 4) masting_arena_out_of_memory(bytes);
    chunk = aligned_alloc(MASTING_ARENA_ALIGN, MASTING_ARENA_ALIGN + size);
    if (!chunk) masting_arena_out_of_memory(bytes);
    chunk->next = NULL;
    chunk->size = size;
    if (last)
      last->next = chunk;
    else
      arena->first = chunk;
  }
  arena->now = chunk;
  arena->used = 0;
}

/* `bytes` bytes, 64-byte aligned, contents undefined. Never NULL. */
__attribute__((unused)) static inline void *masting_arena_take(masting_arena *arena, size_t bytes) {
  if (bytes > SIZE_MAX / 4) masting_arena_out_of_memory(bytes);
  bytes = (bytes + (MASTING_ARENA_ALIGN - 1)) & ~(MASTING_ARENA_ALIGN - 1);
  if (!arena->now || arena->now->size - arena->used < bytes) masting_arena_grow(arena, bytes);
  void *at = (char *)arena->now + MASTING_ARENA_ALIGN + arena->used;
  arena->used += bytes;
  return at;
}

__attribute__((unused)) static inline masting_arena_state
masting_arena_mark(const masting_arena *arena) {
  return (masting_arena_state){arena->now, arena->used};
}

/* Gives back what was taken since the mark. Older marks stay valid, younger ones do not. */
__attribute__((unused)) static inline void masting_arena_release(masting_arena *arena,
                                                                 masting_arena_state mark) {
  arena->now = mark.now;
  arena->used = mark.used;
}

/* Frees all chunks; the arena is empty, and may be used again. */
__attribute__((unused)) static void masting_arena_free(masting_arena *arena) {
  for (masting_arena_chunk *next, *chunk = arena->first; chunk; chunk = next) {
    next = chunk->next;
    free(chunk);
  }
  arena->first = arena->now = NULL;
  arena->used = 0;
}

/* The arenas of this file's threads. `round` counts masting_arenas_free(): a thread whose round is
 * over has lost its arena, and gets another when it asks. */
static pthread_mutex_t masting_arena_lock __attribute__((unused)) = PTHREAD_MUTEX_INITIALIZER;
static masting_arena *masting_arena_list __attribute__((unused));
static unsigned masting_arena_round __attribute__((unused)) = 1;
static _Thread_local masting_arena *masting_arena_mine __attribute__((unused));
static _Thread_local unsigned masting_arena_my_round __attribute__((unused));

/* The arena of the calling thread; made when first asked for. */
__attribute__((noinline, unused)) static masting_arena *masting_arena_of_thread(void) {
  if (masting_arena_my_round == masting_arena_round) return masting_arena_mine;
  masting_arena *arena = calloc(1, sizeof *arena);
  if (!arena) masting_arena_out_of_memory(sizeof *arena);
  pthread_mutex_lock(&masting_arena_lock);
  arena->next_of_file = masting_arena_list;
  masting_arena_list = arena;
  pthread_mutex_unlock(&masting_arena_lock);
  masting_arena_mine = arena;
  masting_arena_my_round = masting_arena_round;
  return arena;
}

/* Frees the arenas of all threads. No thread may be using one. */
__attribute__((noinline, unused)) static void masting_arenas_free(void) {
  pthread_mutex_lock(&masting_arena_lock);
  for (masting_arena *next, *arena = masting_arena_list; arena; arena = next) {
    next = arena->next_of_file;
    masting_arena_free(arena);
    free(arena);
  }
  masting_arena_list = NULL;
  masting_arena_round++;
  pthread_mutex_unlock(&masting_arena_lock);
}

#endif
