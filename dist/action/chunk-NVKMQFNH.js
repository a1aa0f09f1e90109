import{createRequire as __cr}from'node:module';const require=__cr(import.meta.url);
var POINTER_START=Buffer.from(`version https://git-lfs.github.com/spec/v1
`),POINTER_BYTES=1024,POINTER={start:POINTER_START,limit:POINTER_BYTES};function lfsObject(content){if(content.length>POINTER_BYTES||content.length<POINTER_START.length)return null;let text=Buffer.from(content.buffer,content.byteOffset,content.byteLength);return text.subarray(0,POINTER_START.length).equals(POINTER_START)?/^oid (sha256:[0-9a-f]{64})$/m.exec(text.toString("latin1"))?.[1]??null:null}export{POINTER,lfsObject};
