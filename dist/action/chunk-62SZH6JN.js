import{createRequire as __cr}from'node:module';const require=__cr(import.meta.url);
function ownValue(table,word){return Object.hasOwn(table,word)?table[word]:void 0}export{ownValue};
