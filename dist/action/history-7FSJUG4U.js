import{createRequire as __cr}from'node:module';const require=__cr(import.meta.url);
import{historySource}from"./chunk-CQNLDFTZ.js";import"./chunk-XO3LC6P7.js";import"./chunk-2L6FDDMU.js";import"./chunk-ODPEGRZU.js";import"./chunk-MIAYHLTT.js";import"./chunk-YGHV2P5E.js";import"./chunk-PR52IYYW.js";import"./chunk-RWJXQD25.js";import"./chunk-CUVYZ35J.js";export{historySource};
