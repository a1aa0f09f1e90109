import{createRequire as __cr}from'node:module';const require=__cr(import.meta.url);
import{pageText}from"./chunk-HLULA3WP.js";import"./chunk-7EPZZTY4.js";import"./chunk-HMYUAQ26.js";import"./chunk-YK6LQ343.js";import"./chunk-AGKEMSOH.js";import{LONGEST_COMMENT}from"./chunk-QCK2XIHQ.js";import"./chunk-RWJXQD25.js";import"./chunk-CUVYZ35J.js";var COMMENT_MARKER="<!-- unleak: report on this pull request -->",LISTED=30;function commentText(page,head){let{verdict}=page,body=verdict.open.length===0&&verdict.complete?resolvedText():pageText({...page,limit:LISTED}),tail=`

Checked up to \`${head.slice(0,10)}\`. This comment is kept up to date.
`;return`${COMMENT_MARKER}
${fitting(body,LONGEST_COMMENT-COMMENT_MARKER.length-tail.length-1)}${tail}`}function fitting(text,most){if(text.length<=most)return text;let note=`

\u2026 the rest is in the job summary.`;return text.slice(0,text.lastIndexOf(`
`,most-note.length))+note}function resolvedText(){return["### \u2705 Resolved: no secret in the commits of this pull request any more","What was reported here had been pushed. If it was a real key that is not revoked yet, revoke it: rewriting the branch does not take back what others may have fetched."].join(`

`)}export{COMMENT_MARKER,commentText};
