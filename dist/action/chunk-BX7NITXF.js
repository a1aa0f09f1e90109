import{createRequire as __cr}from'node:module';const require=__cr(import.meta.url);
var DEFAULT_LIMITS={streamChunk:33554432,decodeDepth:3,encodedRun:8388608,archiveDepth:3,archiveBytes:536870912,archiveEntries:1e5,itemsPerBlob:1e5},LINE_REACH=4096,FACTS_PREFIX=8192;export{DEFAULT_LIMITS,LINE_REACH,FACTS_PREFIX};
