import{createRequire as __cr}from'node:module';const require=__cr(import.meta.url);
function latin1(bytes,start=0,end=bytes.length){return Buffer.from(bytes.buffer,bytes.byteOffset,bytes.length).toString("latin1",start,end)}export{latin1};
