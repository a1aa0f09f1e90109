import{createRequire as __cr}from'node:module';const require=__cr(import.meta.url);
var CODES=new Map([["blob",0],["tree",1],["commit",2],["tag",3]]),NAMES=["blob","tree","commit","tag"];function typeCode(word){return CODES.get(word)}function typeName(code){return NAMES[code]}export{typeCode,typeName};
