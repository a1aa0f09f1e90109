import{createRequire as __cr}from'node:module';const require=__cr(import.meta.url);
import{historySource}from"./chunk-GZKSSPSF.js";import"./chunk-XO3LC6P7.js";import"./chunk-2L6FDDMU.js";import"./chunk-KOKHULNP.js";import"./chunk-MIAYHLTT.js";import"./chunk-WI5M366R.js";import"./chunk-PR52IYYW.js";import"./chunk-RWJXQD25.js";import"./chunk-CUVYZ35J.js";export{historySource};
