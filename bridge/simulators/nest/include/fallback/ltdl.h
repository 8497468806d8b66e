// Stands in for libltdl's header where it is not installed: NEST's module_manager.h only names
// this opaque handle, and extension modules never touch it. Searched last (-idirafter).
#ifndef SPIKEBRIDGE_LTDL_H
#define SPIKEBRIDGE_LTDL_H
typedef struct lt__handle* lt_dlhandle;
#endif
