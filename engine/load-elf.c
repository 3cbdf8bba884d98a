/*
 * The command line's program, started from within the same file: its segments and those of its dynamic loader are
 * mapped as the kernel does it (fs/binfmt_elf.c), and the loader finds what it looks for in the auxiliary vector.
 */

#include <elf.h>
#include <errno.h>
#include <fcntl.h>
#include <link.h>
#include <string.h>
#include <sys/auxv.h>
#include <sys/mman.h>
#include <unistd.h>

#include "engine.h"

#define MAX_HEADERS 32

struct image {
    uintptr_t base; /* what is to be added to addresses of the file */
    uintptr_t entry, headers;
    size_t header_count;
    char loader[256]; /* path; empty where none is wanted */
};

static uintptr_t page_size;

static uintptr_t page_of(uintptr_t address) { return address & -page_size; }
static uintptr_t page_end(uintptr_t address) { return page_of(address + page_size - 1); }

static void read_at(int fd, void *to, size_t size, off_t offset) {
    errno = ENOEXEC; /* of a file that is too short */
    if (pread(fd, to, size, offset) != (ssize_t)size) die("this executable is damaged: pread");
}

static int protection(const ElfW(Phdr) *segment) {
    return (segment->p_flags & PF_R ? PROT_READ : 0) | (segment->p_flags & PF_W ? PROT_WRITE : 0) |
           (segment->p_flags & PF_X ? PROT_EXEC : 0);
}

static uintptr_t map(void *at, size_t size, int prot, int flags, int fd, off_t offset) {
    void *got = mmap(at, size, prot, MAP_PRIVATE | flags, fd, offset);
    if (got == MAP_FAILED) die("mmap");
    return (uintptr_t)got;
}

/* One piece of address space for all segments: where the file wants it, or anywhere. */
static uintptr_t reserve(const ElfW(Ehdr) *elf, const ElfW(Phdr) *segments) {
    uintptr_t low = UINTPTR_MAX, high = 0;
    for (int i = 0; i < elf->e_phnum; i++) {
        if (segments[i].p_type != PT_LOAD) continue;
        uintptr_t end = segments[i].p_vaddr + segments[i].p_memsz;
        if (segments[i].p_vaddr < low) low = segments[i].p_vaddr;
        if (end > high) high = end;
    }
    low = page_of(low);
    int is_fixed = elf->e_type == ET_EXEC;
    int flags = MAP_ANONYMOUS | MAP_NORESERVE | (is_fixed ? MAP_FIXED_NOREPLACE : 0);
    return map((void *)(is_fixed ? low : 0), page_end(high) - low, PROT_NONE, flags, -1, 0) - low;
}

/* What follows the file's part is zero, also to the end of its last page: the loader takes its first memory there. */
static void map_segment(int fd, off_t offset, uintptr_t base, const ElfW(Phdr) *segment) {
    uintptr_t start = base + segment->p_vaddr, skew = start - page_of(start);
    uintptr_t file_end = start + segment->p_filesz, end = start + segment->p_memsz, anonymous = page_end(file_end);
    int prot = protection(segment);
    map((void *)(start - skew), segment->p_filesz + skew, prot, MAP_FIXED, fd, offset + segment->p_offset - skew);
    if (end > file_end) memset((void *)file_end, 0, anonymous - file_end);
    if (end > anonymous) map((void *)anonymous, end - anonymous, prot, MAP_FIXED | MAP_ANONYMOUS, -1, 0);
}

static void map_image(int fd, off_t offset, struct image *image) {
    ElfW(Ehdr) elf;
    ElfW(Phdr) segments[MAX_HEADERS];
    read_at(fd, &elf, sizeof elf, offset);
    if (memcmp(elf.e_ident, ELFMAG, SELFMAG) != 0 || elf.e_phnum > MAX_HEADERS) {
        errno = ENOEXEC;
        die("this executable is damaged");
    }
    read_at(fd, segments, elf.e_phnum * sizeof *segments, offset + elf.e_phoff);
    *image = (struct image){.base = reserve(&elf, segments), .header_count = elf.e_phnum};
    image->entry = image->base + elf.e_entry;
    for (int i = 0; i < elf.e_phnum; i++) {
        const ElfW(Phdr) *segment = &segments[i];
        if (segment->p_type == PT_PHDR) image->headers = image->base + segment->p_vaddr;
        if (segment->p_type == PT_INTERP && segment->p_filesz <= sizeof image->loader)
            read_at(fd, image->loader, segment->p_filesz, offset + segment->p_offset);
        if (segment->p_type == PT_LOAD) map_segment(fd, offset, image->base, segment);
    }
}

static void tell(ElfW(auxv_t) *entry, const struct image *program, const struct image *loader) {
    for (; entry->a_type != AT_NULL; entry++) {
        uintptr_t *value = (uintptr_t *)&entry->a_un.a_val;
        if (entry->a_type == AT_PHDR) *value = program->headers;
        if (entry->a_type == AT_PHNUM) *value = program->header_count;
        if (entry->a_type == AT_ENTRY) *value = program->entry;
        if (entry->a_type == AT_BASE) *value = loader->base;
    }
}

_Noreturn void load_elf(int fd, off_t offset, char **argv, char **envp) {
    struct image program, loader;
    page_size = getauxval(AT_PAGESZ);
    map_image(fd, offset, &program);
    close(fd);
    fd = open(program.loader, O_RDONLY | O_CLOEXEC);
    if (fd < 0) die("plugin calls work, but the command line wants the GNU C library's loader, which is not here");
    map_image(fd, 0, &loader);
    close(fd);
    while (*envp != NULL) envp++;
    tell((ElfW(auxv_t) *)(envp + 1), &program, &loader);
    stack_jump(loader.entry, argv - 1); /* the stack as the kernel left it: argc stands before argv */
}
