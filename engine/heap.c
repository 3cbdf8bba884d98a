/* The memory of the JavaScript heap: at one address in every process, so that pointers in a saved one are right. */

#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>

#include "engine.h"

#define MAX_SIZE ((size_t)1 << 30)
#define STEP ((size_t)1 << 20)
#define UNIT 16          /* blocks are multiples of it */
#define SMALL 64         /* units up to which each size has a list of its own */
#define NEAR 80          /* bytes up to which blocks of a heap to be saved lie beside those of their size */
#define CHUNK ((size_t)1 << 18)
#define CLASSES (SMALL + 1 + 8 * 24)

/* Before each block that is given out: its whole size. */
struct block {
    size_t size;
    struct block *next; /* only while it is free; else the first bytes of what was given out */
};

#define HEADER offsetof(struct block, next)

/* At the beginning of the heap. */
static struct heap {
    char *top;       /* nothing from here on was ever given out */
    char *committed; /* memory may be used up to here */
    size_t near; /* bytes up to which blocks lie beside those of their size */
    struct chunk { char *top, *end; } chunks[SMALL + 1]; /* by size in units */
    void *root;
    struct block *free[CLASSES];
} *const heap = (struct heap *)HEAP_ADDRESS;

static int commit(char *start, char *end) { return mprotect(start, end - start, PROT_READ | PROT_WRITE); }

/* Address space alone: it counts for nothing until it is committed. */
static void reserve(void) {
    int flags = MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE | MAP_FIXED_NOREPLACE;
    void *got = mmap(HEAP_ADDRESS, MAX_SIZE, PROT_NONE, flags, -1, 0);
    if (got != HEAP_ADDRESS) die("mmap");
}

void heap_create(void) {
    reserve();
    if (commit(HEAP_ADDRESS, HEAP_ADDRESS + STEP) != 0) die("mprotect");
    heap->top = HEAP_ADDRESS + ((sizeof *heap + UNIT - 1) & -UNIT);
    heap->committed = HEAP_ADDRESS + STEP;
    heap->near = NEAR;
}

void heap_map(int fd, off_t offset, size_t size) {
    reserve();
    size_t whole = (size + STEP - 1) & -STEP;
    if (commit(HEAP_ADDRESS, HEAP_ADDRESS + whole + STEP) != 0) die("mprotect");
    void *got = mmap(HEAP_ADDRESS, size, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_FIXED, fd, offset);
    if (got == MAP_FAILED) die("mmap");
    heap->committed = HEAP_ADDRESS + whole + STEP;
    saved_heap_end = (uintptr_t)HEAP_ADDRESS + size;
}

void **heap_root(void) { return &heap->root; }

/* They lie scattered among what the modules made: each of them would be another page to copy. */
void heap_forget_free(void) {
    memset(heap->free, 0, sizeof heap->free);
    heap->near = 0;
}

size_t heap_size(void) { return heap->top - HEAP_ADDRESS; }

/* Of large blocks there are eight classes between a power of two and the next. */
static size_t class_of(size_t size, size_t *rounded) {
    size_t units = size / UNIT;
    if (units <= SMALL) {
        *rounded = size;
        return units;
    }
    int shift = 60 - __builtin_clzl(units); /* leaves four bits */
    size_t head = (units + ((size_t)1 << shift) - 1) >> shift;
    *rounded = (head << shift) * UNIT;
    return SMALL + 1 + shift * 8 + head - 8;
}

static char *take_top(size_t size) {
    if (size > (size_t)(heap->committed - heap->top)) {
        char *end = heap->committed + ((size + STEP - 1) & -STEP);
        if (end > HEAP_ADDRESS + MAX_SIZE || commit(heap->committed, end) != 0) return NULL;
        heap->committed = end;
    }
    char *taken = heap->top;
    heap->top += size;
    return taken;
}

/* Functions, of which a call counts references, apart from the rest: fewer pages of a saved heap to copy. */
static char *take_near(size_t size) {
    struct chunk *chunk = &heap->chunks[size / UNIT];
    if (size > (size_t)(chunk->end - chunk->top)) {
        char *taken = take_top(CHUNK);
        if (taken == NULL) return NULL;
        *chunk = (struct chunk){taken, taken + CHUNK};
    }
    char *taken = chunk->top;
    chunk->top += size;
    return taken;
}

static void *take(size_t wanted) {
    if (wanted > MAX_SIZE / 2) return NULL;
    size_t size, class = class_of((wanted + HEADER + UNIT - 1) & -UNIT, &size);
    struct block *block = heap->free[class];
    if (block != NULL) {
        heap->free[class] = block->next;
        return &block->next;
    }
    block = (struct block *)(size <= heap->near ? take_near(size) : take_top(size));
    if (block == NULL) return NULL;
    block->size = size;
    return &block->next;
}

static struct block *block_of(const void *given) { return (struct block *)((char *)given - HEADER); }

static size_t usable_size(const void *given) { return given == NULL ? 0 : block_of(given)->size - HEADER; }

static void *allocate(JSMallocState *state, size_t size) {
    void *given = take(size);
    if (given == NULL) return NULL;
    state->malloc_count++;
    state->malloc_size += block_of(given)->size;
    return given;
}

static void release(JSMallocState *state, void *given) {
    if (given == NULL) return;
    struct block *block = block_of(given);
    state->malloc_count--;
    state->malloc_size -= block->size;
    size_t size, class = class_of(block->size, &size);
    block->next = heap->free[class];
    heap->free[class] = block;
}

static void *resize(JSMallocState *state, void *given, size_t size) {
    if (given == NULL) return size == 0 ? NULL : allocate(state, size);
    if (size != 0 && size <= usable_size(given)) return given;
    void *larger = size == 0 ? NULL : allocate(state, size);
    if (larger != NULL) memcpy(larger, given, usable_size(given));
    if (larger != NULL || size == 0) release(state, given);
    return larger;
}

const JSMallocFunctions heap_functions = {allocate, release, resize, usable_size};
